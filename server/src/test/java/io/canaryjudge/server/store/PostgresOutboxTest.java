package io.canaryjudge.server.store;

class PostgresOutboxTest extends OutboxLaws {

  @Override
  DatabaseConfig newDatabase() {
    return RealPostgres.newDatabase();
  }
}
