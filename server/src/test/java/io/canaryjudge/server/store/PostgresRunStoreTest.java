package io.canaryjudge.server.store;

class PostgresRunStoreTest extends RunStoreLaws {

  @Override
  DatabaseConfig newDatabase() {
    return RealPostgres.newDatabase();
  }
}
