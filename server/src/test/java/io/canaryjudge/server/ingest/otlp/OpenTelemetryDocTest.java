package io.canaryjudge.server.ingest.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.DefaultAggregationSelector;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What docs/opentelemetry.md says to paste is what is run here. */
class OpenTelemetryDocTest {

  private static final Path DOC = Path.of("../docs/opentelemetry.md");
  private static final Path SOURCE =
      Path.of("src/test/java/io/canaryjudge/server/ingest/otlp/OpenTelemetryDocTest.java");
  private static final Pattern EXPORT = Pattern.compile("(?m)^export (OTEL_\\w+)=(\\S+)");

  private OtlpDoors doors;

  @BeforeEach
  void open() throws IOException {
    doors = OtlpDoors.open(Map.of());
  }

  @AfterEach
  void close() {
    doors.close();
  }

  @Test
  void theVariablesMakeAnSdkSend() throws Exception {
    Map<String, String> properties = new TreeMap<>();
    Matcher variables = EXPORT.matcher(Files.readString(DOC));
    while (variables.find()) {
      String value =
          variables
              .group(2)
              .replace("$HOSTNAME", "pod-7")
              .replace("http://judge.internal:9090", doors.grpcUrl());
      properties.put(variables.group(1).toLowerCase(Locale.ROOT).replace('_', '.'), value);
    }
    assertThat(properties)
        .containsKeys("otel.metric.export.interval", "otel.exporter.otlp.metrics.endpoint");
    properties.put("otel.traces.exporter", "none");
    properties.put("otel.logs.exporter", "none");

    try (OpenTelemetrySdk sdk =
        AutoConfiguredOpenTelemetrySdk.builder()
            .disableShutdownHook()
            .addPropertiesSupplier(() -> properties)
            .build()
            .getOpenTelemetrySdk()) {
      record(sdk.getSdkMeterProvider());

      assertArrived("pod-7");
    }
  }

  @Test
  void theJavaBlockSends() throws Exception {
    String source = withoutIndentation(Files.readString(SOURCE));
    Matcher block =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(DOC));
    assertThat(block.find()).isTrue();
    assertThat(source)
        .contains(
            withoutIndentation(block.group(1))
                .replace("\"http://judge.internal:9090\"", "doors.grpcUrl()"));

    String instance = "pod-8";
    MetricExporter exporter =
        OtlpGrpcMetricExporter.builder()
            .setEndpoint(doors.grpcUrl())
            .setCompression("gzip")
            .setDefaultAggregationSelector(
                DefaultAggregationSelector.getDefault()
                    .with(InstrumentType.HISTOGRAM, Aggregation.base2ExponentialBucketHistogram()))
            .build();
    SdkMeterProvider meters =
        SdkMeterProvider.builder()
            .setResource(
                Resource.getDefault().toBuilder()
                    .put("service.name", "checkout")
                    .put("service.version", "1.5.0")
                    .put("service.instance.id", instance)
                    .build())
            .registerMetricReader(
                PeriodicMetricReader.builder(exporter).setInterval(Duration.ofSeconds(5)).build())
            .build();
    record(meters);
    meters.close();

    assertArrived(instance);
  }

  private static void record(SdkMeterProvider meters) {
    meters
        .get("shop")
        .histogramBuilder("http.server.request.duration")
        .setUnit("s")
        .build()
        .record(0.2);
    assertThat(meters.forceFlush().join(60, TimeUnit.SECONDS).isSuccess()).isTrue();
  }

  private void assertArrived(String instance) throws InterruptedException {
    List<SeriesPoint> points = doors.intake.nextPoints();
    SeriesPoint point =
        points.stream()
            .filter(one -> one.name().equals("http_server_request_duration"))
            .findFirst()
            .orElseThrow();
    assertThat(point.value()).isInstanceOf(PointValue.Exponential.class);
    assertThat(point.labels().get("service_name")).isEqualTo("checkout");
    assertThat(point.labels().get("service_version")).isEqualTo("1.5.0");
    assertThat(point.labels().get("service_instance_id")).isEqualTo(instance);
  }

  private static String withoutIndentation(String code) {
    return code.replaceAll("(?m)^[ ]+", "");
  }
}
