package io.canaryjudge.server.ingest.remotewrite;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A service with nothing but a Prometheus endpoint. */
public final class ScrapedService implements AutoCloseable {

  public final Counter requests;
  public final Histogram duration;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final HttpServer http;
  private final Set<Long> scraped = ConcurrentHashMap.newKeySet();

  /** Starts one whose histogram is either classic or native. */
  public ScrapedService(boolean nativeHistogram) throws IOException {
    requests = Counter.builder().name("http_requests_total").labelNames("code").register(registry);
    Histogram.Builder histogram = Histogram.builder().name("http_request_duration_seconds");
    duration =
        (nativeHistogram
                ? histogram.nativeOnly()
                : histogram.classicOnly().classicUpperBounds(0.1, 0.5, 2))
            .register(registry);
    Counter.builder().name("unwanted_total").register(registry).inc();
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/metrics", this::scrape);
    http.start();
  }

  private void scrape(HttpExchange exchange) throws IOException {
    ExpositionFormatWriter writer =
        ExpositionFormats.init().findWriter(exchange.getRequestHeaders().getFirst("Accept"));
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    MetricSnapshots snapshots = registry.scrape();
    scraped.add(requests(snapshots));
    writer.write(body, snapshots);
    exchange.getResponseHeaders().set("Content-Type", writer.getContentType());
    exchange.sendResponseHeaders(200, body.size());
    exchange.getResponseBody().write(body.toByteArray());
    exchange.close();
  }

  private static long requests(MetricSnapshots snapshots) {
    return snapshots.stream()
        .filter(snapshot -> snapshot.getMetadata().getPrometheusName().equals("http_requests"))
        .flatMap(snapshot -> ((CounterSnapshot) snapshot).getDataPoints().stream())
        .mapToLong(point -> (long) point.getValue())
        .sum();
  }

  /** Says when its process started, as client libraries do. */
  ScrapedService startedAt(Instant start) {
    Gauge.builder()
        .name("process_start_time_seconds")
        .register(registry)
        .set(start.toEpochMilli() / 1e3);
    return this;
  }

  /** How many requests it had counted at each of its scrapes. */
  Set<Long> scraped() {
    return scraped;
  }

  /** Host and port. */
  public String address() {
    return "127.0.0.1:" + http.getAddress().getPort();
  }

  /** Answers no more. */
  public void stop() {
    http.stop(0);
  }

  @Override
  public void close() {
    stop();
  }
}
