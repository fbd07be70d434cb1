package io.canaryjudge.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.server.Main;
import io.canaryjudge.server.ServerClasses;
import io.canaryjudge.server.store.DatabaseConfig;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server process, as the command line starts it, to be killed or stopped. */
final class ServerVictim implements AutoCloseable {

  private static final Pattern READY = Pattern.compile("READY grpc=(\\S+):(\\d+) http=(\\S+)");
  private static final long PATIENCE_SECONDS = 120;

  private final Process process;
  private final Path log;
  private ManagedChannel channel;
  private int grpcPort;
  private String httpUrl = "";

  private ServerVictim(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts one and waits until it answers calls. */
  static ServerVictim start(DatabaseConfig database, Path directory) throws IOException {
    return start(database, directory, 0);
  }

  /** Starts one with further flags and waits until it answers calls. */
  static ServerVictim start(DatabaseConfig database, Path directory, List<String> flags)
      throws IOException {
    return launch(database, directory, 0, flags).awaitReady();
  }

  /**
   * Starts one at a port and waits until it answers calls.
   *
   * @param grpcPort 0 takes a free one
   */
  static ServerVictim start(DatabaseConfig database, Path directory, int grpcPort)
      throws IOException {
    return launch(database, directory, grpcPort).awaitReady();
  }

  /**
   * Launches one, which may be killed before it is up.
   *
   * @param directory holds the policies and the log
   */
  static ServerVictim launch(DatabaseConfig database, Path directory, int grpcPort)
      throws IOException {
    return launch(database, directory, grpcPort, List.of());
  }

  private static ServerVictim launch(
      DatabaseConfig database, Path directory, int grpcPort, List<String> flags)
      throws IOException {
    Path log = directory.resolve("server.log");
    List<String> command = ServerClasses.command(Main.class, "-Xmx256m");
    command.addAll(
        List.of(
            "server",
            "--grpc-port=" + grpcPort,
            "--http-port=0",
            "--database=" + database.url(),
            "--policies=" + directory.resolve("policies"),
            "--set=runs.commit-interval=10ms",
            "--set=log.level=warn"));
    command.addAll(flags);
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return new ServerVictim(process, log);
  }

  private ServerVictim awaitReady() throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher ready = READY.matcher(line);
      if (ready.matches()) {
        grpcPort = Integer.parseInt(ready.group(2));
        httpUrl = ready.group(3);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", grpcPort).usePlaintext().build();
        return this;
      }
    }
    process.destroyForcibly();
    throw new AssertionError("did not start: " + Files.readString(log));
  }

  ManagedChannel channel() {
    return channel;
  }

  /** Where its HTTP port is, without a path. */
  String httpUrl() {
    return httpUrl;
  }

  /** Gives it a moment, and tells whether its process has ended. */
  boolean ended(long millis) throws InterruptedException {
    return process.waitFor(millis, TimeUnit.MILLISECONDS);
  }

  int grpcPort() {
    return grpcPort;
  }

  JudgeGrpc.JudgeBlockingStub judge() {
    return JudgeGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** What it says of itself, in the text format of Prometheus. */
  String metrics() throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(httpUrl + "/metrics")).build(),
              BodyHandlers.ofString())
          .body();
    }
  }

  /** Lets it live for a while, then kills it as it stands. */
  void killAfter(long millis) throws InterruptedException {
    assertThat(process.waitFor(millis, TimeUnit.MILLISECONDS)).as("ended by itself").isFalse();
    process.destroyForcibly(); // SIGKILL
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** Stops it as an operator does, and returns its exit code. */
  int stop() throws InterruptedException {
    process.destroy(); // SIGTERM
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  /** What it and its predecessors had to complain of. */
  String complaints() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void close() {
    if (channel != null) {
      channel.shutdownNow();
    }
    process.destroyForcibly();
  }
}
