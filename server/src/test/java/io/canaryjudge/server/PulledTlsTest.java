package io.canaryjudge.server;

import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.canaryjudge.server.security.TlsMaterial;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Prometheus behind a certificate of an authority that only its owners know. */
class PulledTlsTest {

  private static final byte[] NOTHING =
      "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}"
          .getBytes(StandardCharsets.UTF_8);

  @TempDir private Path directory;

  @Test
  void itsAuthorityHasToBeNamed() throws Exception {
    TestCertificates certificates = TestCertificates.make(directory);
    HttpsServer prometheus =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    prometheus.setHttpsConfigurator(
        new HttpsConfigurator(
            TlsMaterial.read(
                    certificates.path("server.crt"),
                    certificates.path("server.key"),
                    Optional.empty())
                .sslContext()));
    prometheus.createContext(
        "/api/v1/query",
        exchange -> {
          exchange.sendResponseHeaders(200, NOTHING.length);
          exchange.getResponseBody().write(NOTHING);
          exchange.close();
        });
    prometheus.start();
    try {
      Map<String, String> settings = new TreeMap<>();
      settings.put("prometheus.url", "https://localhost:" + prometheus.getAddress().getPort());
      settings.put("prometheus.interval", "1s");
      awaitQuery(settings, "unreachable");
      settings.put("prometheus.ca-file", certificates.file("ca.crt"));
      awaitQuery(settings, "taken");
    } finally {
      prometheus.stop(0);
    }
  }

  private void awaitQuery(Map<String, String> settings, String outcome) {
    String sample = "canary_judge_prometheus_queries_total{outcome=\"" + outcome + "\"} ";
    try (TestServer server = TestServer.start(directory, settings)) {
      server.createRun();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  server
                      .get("/metrics")
                      .body()
                      .lines()
                      .filter(line -> line.startsWith(sample))
                      .anyMatch(line -> !line.endsWith(" 0.0")));
    }
  }
}
