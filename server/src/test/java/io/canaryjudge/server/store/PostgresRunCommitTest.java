package io.canaryjudge.server.store;

class PostgresRunCommitTest extends RunCommitLaws {

  @Override
  DatabaseConfig newDatabase() {
    return RealPostgres.newDatabase();
  }
}
