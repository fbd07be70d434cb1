package io.canaryjudge.server.ingest.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.PointValue.ClassicBucket;
import io.canaryjudge.server.ingest.series.PointValue.Count;
import io.canaryjudge.server.ingest.series.PointValue.Exponential;
import io.canaryjudge.server.ingest.series.PointValue.Gauge;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.Temporality;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus scrapes two versions of a service and sends what the documentation tells it to
 * send.
 */
class PrometheusRemoteWriteTest {

  @TempDir private Path folder;

  private static String documented(WriteDoor door, ScrapedService before, ScrapedService after)
      throws Exception {
    return DocumentedConfig.of(door.url(), List.of(before.address()), List.of(after.address()))
        // Version 1.0 sends it in requests of its own, which have to be answered well, too.
        .replace("metadata_config: {send: false}", "metadata_config: {send_interval: 1s}");
  }

  @Test
  void countersAndHistogramsOfBothVersionsArrive() throws Exception {
    RecordingIntake intake = new RecordingIntake(_ -> true);
    try (WriteDoor door = new WriteDoor(intake, Map.of());
        ScrapedService before = new ScrapedService(false);
        ScrapedService after = new ScrapedService(true)) {
      before.requests.labelValues("200").inc(10);
      after.requests.labelValues("500").inc(3);
      List.of(0.05, 0.3, 0.4, 9.0).forEach(before.duration::observe);
      List.of(0.05, 0.3, 0.4, 9.0, 0.0).forEach(after.duration::observe);
      try (PrometheusSender prometheus =
          new PrometheusSender(documented(door, before, after), folder)) {
        until(() -> has(intake, "http_requests_total", new Count(10)));
        until(() -> has(intake, "http_requests_total", new Count(3)));
        before.requests.labelValues("200").inc(5);
        until(() -> has(intake, "http_requests_total", new Count(15)));

        until(() -> has(intake, "http_request_duration_seconds_count", new Count(4)));
        until(() -> has(intake, "http_request_duration_seconds", new ClassicBucket(0.1, 1)));
        until(() -> has(intake, "http_request_duration_seconds", new ClassicBucket(0.5, 3)));
        until(() -> has(intake, "http_request_duration_seconds", new ClassicBucket(2, 3)));
        until(
            () ->
                has(
                    intake,
                    "http_request_duration_seconds",
                    new ClassicBucket(Double.POSITIVE_INFINITY, 4)));
        until(() -> last(intake, "1.5.0", Exponential.class) != null);
        assertExponential(last(intake, "1.5.0", Exponential.class), 1, 0.05, 0.3, 0.4, 9.0);

        until(() -> has(intake, "up", new Gauge(1)));
        assertThat(intake.points())
            .allSatisfy(
                point -> {
                  assertThat(point.name())
                      .isIn(
                          "http_requests_total",
                          "http_request_duration_seconds",
                          "http_request_duration_seconds_count",
                          "up");
                  assertThat(point.temporality()).isEqualTo(Temporality.CUMULATIVE);
                  assertThat(point.labels().get("service")).isEqualTo("checkout");
                  assertThat(point.labels().get("instance"))
                      .isEqualTo(
                          "1.4.2".equals(point.labels().get("version"))
                              ? before.address()
                              : after.address());
                });
        until(() -> prometheus.remoteStorage("metadata_total") > 0);
        assertThat(intake.unwanted()).isZero();
        after.stop();
        until(() -> intake.unwanted() >= 2); // the stale markers of its counter and its histogram

        assertThat(prometheus.remoteStorage("samples_total")).isGreaterThan(10);
        assertThat(prometheus.remoteStorage("histograms_total")).isPositive();
        assertThat(prometheus.remoteStorage("samples_failed_total")).isZero();
        assertThat(prometheus.remoteStorage("histograms_failed_total")).isZero();
        assertThat(prometheus.remoteStorage("metadata_failed_total")).isZero();
        assertThat(intake.requests()).allSatisfy(r -> assertThat(r.rejections()).isEmpty());
      }
    }
  }

  @Test
  void prometheusRepeatsWhatCouldNotBeTaken() throws Exception {
    RecordingIntake intake = new RecordingIntake(_ -> true);
    AtomicInteger failures = new AtomicInteger();
    intake.answerWith(
        request ->
            failures.getAndIncrement() < 2
                ? CompletableFuture.failedFuture(
                    JudgeException.of(ErrorReason.LIMIT_REACHED, "too much").retryAfter(100))
                : CompletableFuture.completedFuture(RecordingIntake.answer(request, List.of())));
    try (WriteDoor door = new WriteDoor(intake, Map.of());
        ScrapedService before = new ScrapedService(false);
        ScrapedService after = new ScrapedService(false)) {
      before.requests.labelValues("200").inc(10);
      try (PrometheusSender prometheus =
          new PrometheusSender(documented(door, before, after), folder)) {
        until(() -> intake.requests().size() >= 3);

        assertThat(intake.requests().get(1).points())
            .as("the same points again")
            .isEqualTo(intake.requests().getFirst().points());
        assertThat(prometheus.remoteStorage("samples_retried_total")).isPositive();
        assertThat(prometheus.remoteStorage("samples_failed_total")).isZero();
      }
    }
  }

  private static void until(BooleanSupplier condition) {
    await().atMost(Duration.ofSeconds(60)).until(condition::getAsBoolean);
  }

  private static boolean has(RecordingIntake intake, String name, PointValue value) {
    return intake.points().stream()
        .anyMatch(point -> point.name().equals(name) && point.value().equals(value));
  }

  private static <V extends PointValue> V last(
      RecordingIntake intake, String version, Class<V> kind) {
    return intake.points().stream()
        .filter(point -> version.equals(point.labels().get("version")))
        .map(SeriesPoint::value)
        .filter(kind::isInstance)
        .map(kind::cast)
        .reduce((_, later) -> later)
        .orElse(null);
  }

  /** Each value is in a bucket that should hold it, and nothing else is in any. */
  private static void assertExponential(Exponential histogram, long zeros, double... values) {
    assertThat(histogram.zeroCount()).isEqualTo(zeros);
    assertThat(Arrays.stream(histogram.counts()).sum()).isEqualTo(values.length);
    double base = Math.pow(2, Math.pow(2, -histogram.scale()));
    for (double value : values) {
      int bucket = (int) Math.ceil(Math.log(value) / Math.log(base)) - 1;
      assertThat(histogram.counts()[bucket - histogram.offset()])
          .as("values in (%s, %s]", Math.pow(base, bucket), Math.pow(base, bucket + 1))
          .isEqualTo(1);
    }
  }
}
