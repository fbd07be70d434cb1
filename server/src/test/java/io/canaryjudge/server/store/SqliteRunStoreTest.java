package io.canaryjudge.server.store;

class SqliteRunStoreTest extends RunStoreLaws {

  @Override
  DatabaseConfig newDatabase() {
    return DatabaseConfig.file(directory.resolve("judge.db"));
  }
}
