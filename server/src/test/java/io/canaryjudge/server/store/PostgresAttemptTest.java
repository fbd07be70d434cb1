package io.canaryjudge.server.store;

class PostgresAttemptTest extends AttemptLaws {

  @Override
  DatabaseConfig newDatabase() {
    return RealPostgres.newDatabase();
  }
}
