package io.canaryjudge.server.store;

class SqliteRunCommitTest extends RunCommitLaws {

  @Override
  DatabaseConfig newDatabase() {
    return DatabaseConfig.file(directory.resolve("judge.db"));
  }
}
