package io.canaryjudge.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.ServerClasses;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A running {@link CrashWriter}, and what it has acknowledged so far. */
final class Victim implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final Thread reader;
  private final Semaphore unseen = new Semaphore(0);
  private volatile long acknowledged;
  private volatile String complaint = "";

  private Victim(Process process) {
    this.process = process;
    this.reader = Thread.ofPlatform().name("acks").start(this::read);
  }

  static Victim start(DatabaseConfig config, boolean ackBefore, Path errors) throws IOException {
    List<String> command = ServerClasses.command(CrashWriter.class, "-Xmx128m");
    command.addAll(List.of(config.url(), ackBefore ? "before" : "after"));
    return new Victim(new ProcessBuilder(command).redirectError(errors.toFile()).start());
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      // A line without its end was not acknowledged; readLine() gives it back all the same, but the
      // writer prints a line in one piece.
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals(CrashWriter.READY)) {
          continue;
        }
        if (!line.chars().allMatch(Character::isDigit)) {
          complaint = line;
          continue;
        }
        acknowledged = Long.parseLong(line);
        unseen.release();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for so many acknowledgements more. */
  void awaitAcks(int count) throws InterruptedException {
    boolean came = unseen.tryAcquire(count, PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(came).as("%d acknowledgements; %s", count, complaint).isTrue();
  }

  /**
   * Kills it as it stands.
   *
   * @return the last group that it acknowledged
   */
  long kill() throws InterruptedException {
    assertThat(process.isAlive()).as("alive; %s", complaint).isTrue();
    process.toHandle().destroyForcibly(); // SIGKILL, and what it has printed can still be read
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    reader.join(PATIENCE);
    return acknowledged;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
