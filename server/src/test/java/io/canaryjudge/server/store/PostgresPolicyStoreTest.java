package io.canaryjudge.server.store;

class PostgresPolicyStoreTest extends PolicyStoreLaws {

  @Override
  DatabaseConfig newDatabase() {
    return RealPostgres.newDatabase();
  }
}
