package io.canaryjudge.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A PostgreSQL server of one's own, with its syncs on, that may be killed and started again. */
final class KillablePostgres implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path data;
  private final int port;
  private EmbeddedPostgres server;

  private KillablePostgres(Path data, EmbeddedPostgres server) {
    this.data = data;
    this.server = server;
    this.port = server.getPort();
  }

  static KillablePostgres start(Path data) throws IOException {
    return new KillablePostgres(data, builder(data).start());
  }

  private static EmbeddedPostgres.Builder builder(Path data) {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setServerConfig("fsync", "on")
        .setPGStartupWait(PATIENCE);
  }

  DatabaseConfig config() {
    return DatabaseConfig.of(server.getJdbcUrl("postgres", "postgres"), "", "");
  }

  /** Kills the process that all others of the server end with. */
  void kill() throws Exception {
    long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
    ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
    assertThat(postmaster.destroyForcibly()).isTrue(); // SIGKILL
    postmaster.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Starts it again on what it left behind, once the last of its processes is gone. */
  void restart() throws IOException {
    server.close(); // gives up the lock of the directory; there is nobody left to stop
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () -> {
              server = builder(data).setPort(port).start();
              return true;
            });
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
