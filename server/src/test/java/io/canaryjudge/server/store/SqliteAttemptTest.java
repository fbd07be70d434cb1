package io.canaryjudge.server.store;

class SqliteAttemptTest extends AttemptLaws {

  @Override
  DatabaseConfig newDatabase() {
    return DatabaseConfig.file(directory.resolve("judge.db"));
  }
}
