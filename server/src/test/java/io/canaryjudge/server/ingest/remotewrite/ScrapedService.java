package io.canaryjudge.server.ingest.remotewrite;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A service with nothing but a Prometheus endpoint. */
public final class ScrapedService implements AutoCloseable {

  public final Counter requests;
  public final Histogram duration;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final HttpServer http;

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
    writer.write(body, registry.scrape());
    exchange.getResponseHeaders().set("Content-Type", writer.getContentType());
    exchange.sendResponseHeaders(200, body.size());
    exchange.getResponseBody().write(body.toByteArray());
    exchange.close();
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
