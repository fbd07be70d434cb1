package io.canaryjudge.server.store;

class SqliteOutboxTest extends OutboxLaws {

  @Override
  DatabaseConfig newDatabase() {
    return DatabaseConfig.file(directory.resolve("judge.db"));
  }
}
