package io.canaryjudge.server.store;

class PostgresMigrationTest extends MigrationLaws {

  @Override
  DatabaseConfig newDatabase() {
    return RealPostgres.newDatabase();
  }
}
