package io.canaryjudge.server.api;

import io.helidon.http.Status;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** What Prometheus scrapes, in the format that it asks for. */
public final class MetricsRoute implements RouteGroup {

  private final ExpositionFormats formats = ExpositionFormats.init();
  private final PrometheusRegistry registry;

  /** Serves everything that is registered. */
  public MetricsRoute(PrometheusRegistry registry) {
    this.registry = registry;
  }

  @Override
  public List<HttpRoute> routes() {
    return List.of(HttpRoute.system("GET", "/metrics", this::scrape));
  }

  private void scrape(HttpCall call) throws IOException {
    ExpositionFormatWriter writer = formats.findWriter(call.header("Accept").orElse(null));
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    writer.write(body, registry.scrape());
    call.answer(Status.OK_200, writer.getContentType(), body.toByteArray());
  }
}
