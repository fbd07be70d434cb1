package io.canaryjudge.server.ingest.remotewrite;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.server.Tools;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A real Prometheus that scrapes, and sends or is asked. */
public final class PrometheusSender implements AutoCloseable {

  private final Process process;
  private final String url;
  private final HttpClient http = HttpClient.newHttpClient();

  /** Starts one; its files are in a folder. */
  public PrometheusSender(String config, Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("prometheus.yaml"), config);
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    url = "http://127.0.0.1:" + port;
    process =
        new ProcessBuilder(
                Tools.find("prometheus"),
                "--config.file=" + file,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--enable-feature=native-histograms",
                "--log.level=warn")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("prometheus.log").toFile())
            .start();
    await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(this::isReady);
  }

  /** Where its API is. */
  public String url() {
    return url;
  }

  private boolean isReady() throws IOException, InterruptedException {
    return get("/-/ready").contains("Ready");
  }

  private String get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(10)).build();
    return http.send(request, BodyHandlers.ofString()).body();
  }

  /** The value of the only series that a query selects; NaN if there is none. */
  public double value(String query) throws IOException {
    try {
      String answer =
          get("/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
      return new ObjectMapper().readTree(answer).at("/data/result/0/value/1").asDouble(Double.NaN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** What Prometheus says of its own sending, by the end of the metric's name; all series added. */
  double remoteStorage(String metric) {
    try {
      return get("/metrics")
          .lines()
          .filter(line -> line.startsWith("prometheus_remote_storage_" + metric + "{"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** What it scraped of one series. */
  record Scraped(Map<String, String> labels, NavigableMap<Long, Long> valuesByMillis) {}

  /** All samples of each series of a name. */
  List<Scraped> scraped(String name) throws IOException, InterruptedException {
    List<Scraped> all = new ArrayList<>();
    for (JsonNode series :
        new ObjectMapper()
            .readTree(get("/api/v1/query?query=" + name + "%5B1h%5D"))
            .at("/data/result")) {
      Map<String, String> labels = new HashMap<>();
      series
          .path("metric")
          .properties()
          .forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
      NavigableMap<Long, Long> values = new TreeMap<>();
      for (JsonNode sample : series.path("values")) {
        values.put(Math.round(sample.get(0).asDouble() * 1e3), sample.get(1).asLong());
      }
      all.add(new Scraped(labels, values));
    }
    return all;
  }

  @Override
  public void close() {
    http.close();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
