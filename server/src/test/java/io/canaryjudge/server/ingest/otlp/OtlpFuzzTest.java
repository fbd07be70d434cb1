package io.canaryjudge.server.ingest.otlp;

import static io.canaryjudge.server.ingest.otlp.Exports.CUMULATIVE;
import static io.canaryjudge.server.ingest.otlp.Exports.DELTA;
import static io.canaryjudge.server.ingest.otlp.Exports.attribute;
import static io.canaryjudge.server.ingest.otlp.Exports.buckets;
import static io.canaryjudge.server.ingest.otlp.Exports.counter;
import static io.canaryjudge.server.ingest.otlp.Exports.exponential;
import static io.canaryjudge.server.ingest.otlp.Exports.exponentialHistogram;
import static io.canaryjudge.server.ingest.otlp.Exports.gauge;
import static io.canaryjudge.server.ingest.otlp.Exports.histogram;
import static io.canaryjudge.server.ingest.otlp.Exports.number;
import static io.canaryjudge.server.ingest.otlp.Exports.sum;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Exports damaged at random: each is answered or refused as the protocol says, every point of it is
 * accounted for, and whatever is taken keeps the promises of its type.
 */
class OtlpFuzzTest {

  private static final ExportMetricsServiceRequest EXPORT =
      Exports.of(
          counter(
              CUMULATIVE,
              number(
                      attribute("code", AnyValue.newBuilder().setIntValue(500).build()),
                      attribute(
                          "list",
                          AnyValue.newBuilder()
                              .setArrayValue(
                                  ArrayValue.newBuilder()
                                      .addValues(AnyValue.newBuilder().setDoubleValue(0.5)))
                              .build()))
                  .setAsInt(7),
              number(attribute("route", "/cart")).setAsDouble(1.5)),
          sum("queue", false, CUMULATIVE, number().setAsInt(3)),
          gauge("load", number().setAsDouble(0.25)),
          histogram(DELTA, buckets(List.of(0.1, 1.0), List.of(3L, 2L, 1L))),
          exponentialHistogram(CUMULATIVE, exponential(3, 1, -7, List.of(1L, 2L, 0L, 4L))),
          Exports.summary("quantiles"));

  private static final String[] JSON_WORDS = {
    "null",
    "\"NaN\"",
    "NaN",
    "-1",
    "1e400",
    "\"18446744073709551615\"",
    "[]",
    "{}",
    "\"\"",
    "[[",
    "}",
    "true",
    "2.5",
    "\"Infinity\"",
    "\\u0000",
    ",",
    ":",
    "\"asInt\"",
    "\"timeUnixNano\"",
    "0"
  };

  // Held, since loggers that nobody holds forget their level.
  private static final Logger LOG = Logger.getLogger(OtlpIngest.class.getName());

  private final RecordingIntake intake = new RecordingIntake();
  private final OtlpIngest ingest = new OtlpIngest(intake, OtlpIngest.PATIENCE);
  private long taken;
  private long refused;

  /** Thousands of refusals would each be a line. */
  @BeforeAll
  static void logNothing() {
    LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void logAgain() {
    LOG.setLevel(null);
  }

  @Test
  void protobuf() throws Exception {
    byte[] whole = EXPORT.toByteArray();
    Random random = new Random(7);
    for (int i = 0; i < 3_000; i++) {
      byte[] damaged = damage(whole, random);
      check(damaged, Form.PROTOBUF);
    }
    assertThat(taken).isGreaterThan(500);
    assertThat(refused).isGreaterThan(500);
  }

  /** Well-formed messages with values that make no sense reach further than damaged ones. */
  @Test
  void numbers() throws Exception {
    Random random = new Random(8);
    for (int i = 0; i < 3_000; i++) {
      ExportMetricsServiceRequest.Builder export = EXPORT.toBuilder();
      for (Metric.Builder metric :
          export.getResourceMetricsBuilder(0).getScopeMetricsBuilder(0).getMetricsBuilderList()) {
        Scramble.scramble(metric, random);
      }
      check(export.build().toByteArray(), Form.PROTOBUF);
    }
    assertThat(taken).isGreaterThan(500);
    assertThat(refused).isZero();
  }

  @Test
  void json() throws Exception {
    String whole = JsonFormat.printer().omittingInsignificantWhitespace().print(EXPORT);
    Random random = new Random(9);
    for (int i = 0; i < 1_500; i++) {
      StringBuilder damaged = new StringBuilder(whole);
      for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
        int at = random.nextInt(damaged.length());
        int end = Math.min(damaged.length(), at + random.nextInt(6));
        damaged.replace(at, end, JSON_WORDS[random.nextInt(JSON_WORDS.length)]);
      }
      check(damaged.toString().getBytes(StandardCharsets.UTF_8), Form.JSON);
      check(replaceNumber(whole, random).getBytes(StandardCharsets.UTF_8), Form.JSON);
    }
    assertThat(taken).isGreaterThan(500);
    assertThat(refused).isGreaterThan(500);
  }

  private static String replaceNumber(String json, Random random) {
    int at = random.nextInt(json.length());
    int colon = json.indexOf(':', at);
    if (colon < 0) {
      return json;
    }
    int end = colon + 1;
    while (end < json.length() && ",]}".indexOf(json.charAt(end)) < 0) {
      end++;
    }
    return json.substring(0, colon + 1)
        + JSON_WORDS[random.nextInt(JSON_WORDS.length)]
        + json.substring(end);
  }

  private static byte[] damage(byte[] whole, Random random) {
    byte[] damaged = whole.clone();
    for (int edits = 1 + random.nextInt(4); edits > 0; edits--) {
      int at = random.nextInt(damaged.length);
      switch (random.nextInt(4)) {
        case 0 -> damaged[at] = (byte) random.nextInt();
        case 1 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> damaged = Arrays.copyOf(damaged, Math.max(1, at));
        default -> {
          int from = random.nextInt(damaged.length);
          int length = Math.min(random.nextInt(20), damaged.length - Math.max(from, at));
          System.arraycopy(damaged, from, damaged, at, length);
        }
      }
    }
    return damaged;
  }

  /** In which form an export comes. */
  private enum Form {
    PROTOBUF {
      @Override
      CompletableFuture<ExportMetricsServiceResponse> take(OtlpIngest ingest, byte[] body) {
        return ingest.takeProtobuf(body);
      }

      @Override
      ExportMetricsServiceRequest parse(byte[] body) throws Exception {
        return ExportMetricsServiceRequest.parseFrom(body);
      }
    },
    JSON {
      @Override
      CompletableFuture<ExportMetricsServiceResponse> take(OtlpIngest ingest, byte[] body) {
        return ingest.takeJson(body);
      }

      @Override
      ExportMetricsServiceRequest parse(byte[] body) throws Exception {
        ExportMetricsServiceRequest.Builder export = ExportMetricsServiceRequest.newBuilder();
        JsonFormat.parser()
            .ignoringUnknownFields()
            .merge(new String(body, StandardCharsets.UTF_8), export);
        return export.build();
      }
    };

    abstract CompletableFuture<ExportMetricsServiceResponse> take(OtlpIngest ingest, byte[] body);

    abstract ExportMetricsServiceRequest parse(byte[] body) throws Exception;
  }

  private void check(byte[] body, Form form) throws Exception {
    ExportMetricsServiceResponse answer;
    try {
      answer = form.take(ingest, body).join();
    } catch (CompletionException e) {
      assertThat(e).cause().isInstanceOf(JudgeException.class);
      assertThat(((JudgeException) e.getCause()).reason()).isEqualTo(ErrorReason.INVALID_FIELD);
      refused++;
      return;
    }
    taken++;
    SeriesRequest request = intake.next();
    assertThat(answer.getPartialSuccess().getRejectedDataPoints())
        .isEqualTo(RecordingIntake.answer(request).rejected());
    for (SeriesPoint point : request.points()) {
      assertThat(point.timeNanos()).isPositive();
      assertThat(point.startNanos()).isBetween(0L, point.timeNanos());
      assertSound(point.value());
    }
    assertThat(RecordingIntake.points(request)).isEqualTo(points(form.parse(body)));
  }

  private static long points(ExportMetricsServiceRequest export) {
    return export.getResourceMetricsList().stream()
        .flatMap(resource -> resource.getScopeMetricsList().stream())
        .flatMap(scope -> scope.getMetricsList().stream())
        .mapToLong(
            metric ->
                metric.getSum().getDataPointsCount()
                    + metric.getGauge().getDataPointsCount()
                    + metric.getHistogram().getDataPointsCount()
                    + metric.getExponentialHistogram().getDataPointsCount()
                    + metric.getSummary().getDataPointsCount())
        .sum();
  }

  private static void assertSound(PointValue value) {
    switch (value) {
      case PointValue.Count count -> assertThat(count.value()).isFinite().isNotNegative();
      case PointValue.Gauge gauge -> assertThat(gauge.value()).isFinite().isNotNegative();
      case PointValue.ClassicBucket _ -> throw new AssertionError("OTLP has none");
      case PointValue.Buckets buckets -> {
        assertThat(buckets.counts()).hasSize(buckets.upperBounds().length + 1);
        assertThat(Arrays.stream(buckets.counts())).allMatch(count -> count >= 0);
        double before = -1;
        for (double bound : buckets.upperBounds()) {
          assertThat(bound).isFinite().isGreaterThan(before);
          before = bound;
        }
      }
      case PointValue.Exponential buckets -> {
        assertThat(buckets.scale()).isBetween(-10, 20);
        assertThat(buckets.zeroThreshold()).isFinite().isNotNegative();
        assertThat(buckets.zeroCount()).isNotNegative();
        assertThat(Arrays.stream(buckets.counts())).allMatch(count -> count >= 0);
        assertThat(buckets.counts()).hasSizeLessThanOrEqualTo(4_096);
      }
    }
  }
}
