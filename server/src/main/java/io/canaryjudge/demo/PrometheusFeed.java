package io.canaryjudge.demo;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lets a real Prometheus do it: the instances expose their totals at {@code /metrics}, it scrapes
 * them each second, and writes what it finds to the judge.
 */
final class PrometheusFeed implements Feed {

  private static final String PROGRAM = "prometheus";
  private static final long READY_SECONDS = 60;

  private final Map<CheckoutInstance, ServedRequests> served;
  private final Process process;
  private final Path directory;

  private PrometheusFeed(
      Map<CheckoutInstance, ServedRequests> served, Process process, Path directory) {
    this.served = served;
    this.process = process;
    this.directory = directory;
  }

  /** Why it cannot be had on this machine; empty if it can. */
  static Optional<String> missing() {
    return program().isPresent()
        ? Optional.empty()
        : Optional.of(
            "this feed needs the program prometheus, which is not on the PATH. Install it,"
                + " for example with 'apt-get install prometheus', or choose another feed.");
  }

  private static Optional<Path> program() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, PROGRAM))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts a Prometheus for these instances, and returns when it runs.
   *
   * @param writing what it does with what it finds, as a part of its configuration; may be empty
   */
  static PrometheusFeed start(List<CheckoutInstance> instances, String writing, int port)
      throws IOException, InterruptedException {
    Path program = program().orElseThrow(() -> new IOException(missing().orElse("")));
    Map<CheckoutInstance, ServedRequests> served =
        instances.stream().collect(Collectors.toMap(Function.identity(), ServedRequests::new));
    served.forEach((instance, its) -> instance.expose(() -> Exposition.text(its.totals())));
    Path directory = Files.createTempDirectory("canary-judge-demo-prometheus-");
    Path config =
        Files.writeString(directory.resolve("prometheus.yaml"), config(instances, writing));
    Path log = directory.resolve("prometheus.log");
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=warn")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    PrometheusFeed feed = new PrometheusFeed(served, process, directory);
    try {
      feed.awaitReady(URI.create("http://127.0.0.1:" + port + "/-/ready"), log);
      return feed;
    } catch (IOException | InterruptedException | RuntimeException e) {
      feed.close();
      throw e;
    }
  }

  /** The configuration, of which only the pace is unusual. */
  private static String config(List<CheckoutInstance> instances, String writing) {
    String targets =
        instances.stream()
            .map(
                instance ->
                    "      - {targets: [\"%s\"], labels: {%s}}\n"
                        .formatted(
                            instance.uri().getAuthority(),
                            Exposition.labels(instance).entrySet().stream()
                                .map(label -> label.getKey() + ": \"" + label.getValue() + '"')
                                .collect(Collectors.joining(", "))))
            .collect(Collectors.joining());
    return """
    global: {scrape_interval: 1s, scrape_timeout: 1s}
    scrape_configs:
      - job_name: checkout
        static_configs:
    %s%s\
    """
        .formatted(targets, writing);
  }

  /** Writes all that is found to a judge. */
  static String writingTo(String httpUrl) {
    return """
    remote_write:
      - url: %s/api/v1/write
        queue_config: {batch_send_deadline: 200ms}
        metadata_config: {send: false}
    """
        .formatted(httpUrl);
  }

  /** A port that nothing listens on. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady(URI ready, Path log) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    while (!answers(ready)) {
      if (!process.isAlive() || System.nanoTime() - deadline > 0) {
        throw new IOException("Prometheus did not start: " + Files.readString(log).strip());
      }
      Thread.sleep(50);
    }
  }

  private static boolean answers(URI uri) {
    try {
      var connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setConnectTimeout(1_000);
      connection.setReadTimeout(1_000);
      return connection.getResponseCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  @Override
  public void observe(Observation observation) {
    ServedRequests of = served.get(observation.target());
    if (of != null) { // a request of the trial before may end late
      of.record(observation);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException stopped) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try {
      DemoCommand.delete(directory);
    } catch (UncheckedIOException stillWriting) {
      // A temporary directory that stays behind harms nobody.
    }
  }
}
