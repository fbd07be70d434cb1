package io.canaryjudge.dashboards;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.server.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A real Prometheus that scrapes one target every second. */
final class PrometheusProcess implements AutoCloseable {

  private final Process process;
  private final String url;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper mapper = new ObjectMapper();

  private PrometheusProcess(Process process, String url) {
    this.process = process;
    this.url = url;
  }

  static PrometheusProcess scraping(int targetPort, Path folder) throws IOException {
    Path config = folder.resolve("prometheus.yaml");
    Files.writeString(
        config,
        """
        global: {scrape_interval: 1s, evaluation_interval: 1s}
        rule_files: ["%s"]
        scrape_configs:
          - job_name: canary-judge
            static_configs: [{targets: ["127.0.0.1:%d"]}]
        """
            .formatted(Dashboard.FOLDER.resolve("prometheus/alerts.yaml"), targetPort));
    int port = freePort();
    Process process =
        new ProcessBuilder(
                Tools.find("prometheus"),
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=warn")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("prometheus.log").toFile())
            .start();
    PrometheusProcess prometheus = new PrometheusProcess(process, "http://127.0.0.1:" + port);
    await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(prometheus::ready);
    return prometheus;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private boolean ready() throws IOException, InterruptedException {
    return send("/-/ready").statusCode() == 200;
  }

  /** The result of an instant query: a vector. Fails if the query is not valid. */
  JsonNode query(String expression) {
    try {
      String query = URLEncoder.encode(expression, StandardCharsets.UTF_8);
      HttpResponse<String> response = send("/api/v1/query?query=" + query);
      if (response.statusCode() != 200) {
        throw new AssertionError(expression + ": " + response.body());
      }
      return mapper.readTree(response.body()).at("/data/result");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Rules, with their health. */
  JsonNode rules() throws IOException, InterruptedException {
    return mapper.readTree(send("/api/v1/rules").body()).at("/data/groups/0/rules");
  }

  private HttpResponse<String> send(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(10)).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    http.close();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
