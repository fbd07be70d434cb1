package io.canaryjudge.server.store;

class SqlitePolicyStoreTest extends PolicyStoreLaws {

  @Override
  DatabaseConfig newDatabase() {
    return DatabaseConfig.file(directory.resolve("judge.db"));
  }
}
