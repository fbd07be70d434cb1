package io.canaryjudge.server.ingest.stream;

import static io.canaryjudge.server.run.TestPolicies.PATIENT;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.DistributionSample;
import io.canaryjudge.proto.v1.ExplicitHistogram;
import io.canaryjudge.proto.v1.ExponentialHistogram;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.proto.v1.SampleRejection;
import io.canaryjudge.proto.v1.SampleRejection.Reason;
import io.canaryjudge.server.store.RunRecord;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each bad sample gets its reason and an example, and leaves its neighbours alone. */
class BadSamplesTest extends WireTest {

  private RunRecord run;
  private long now;

  private long sent;

  @BeforeEach
  void createRun() {
    run = harness.live(PATIENT);
    now = harness.clock.millis();
  }

  /** Sends one bad sample between good ones. */
  private SampleRejection send(Consumer<SampleBatch.Builder> bad) throws Exception {
    long acceptedBefore = harness.samples.accepted();
    WireStream stream = WireStream.open(channel, run.id(), "p");
    stream.opened();
    SampleBatch.Builder batch = declaring(1);
    batch.addProportions(counts(1, now, 100, 1));
    batch.addDistributions(values(3, now, 0.1, 0.2));
    int before = batch.getProportionsCount() + batch.getDistributionsCount();
    bad.accept(batch);
    int added = batch.getProportionsCount() + batch.getDistributionsCount() - before;
    batch.addProportions(counts(2, now, 50, 2));
    batch.addDistributions(values(3, now, 0.3));
    stream.send(batch);
    roundsUntil(() -> stream.acked() == 1);
    harness.pass(10_000);

    long baseline = harness.sealedTotal(run.id(), io.canaryjudge.analysis.aggregate.Arm.BASELINE);
    long canary = harness.sealedTotal(run.id(), io.canaryjudge.analysis.aggregate.Arm.CANARY);
    assertThat(baseline).isEqualTo(100);
    assertThat(canary).isEqualTo(50 + 3);
    assertThat(harness.samples.accepted()).isEqualTo(acceptedBefore + 4);
    sent += 4 + added;
    harness.samples.assertBalanced(sent);
    assertThat(stream.hasEnded()).isFalse();
    assertThat(stream.rejections()).hasSize(1);
    SampleRejection rejection = stream.rejections().getFirst();
    assertThat(rejection.getSequence()).isEqualTo(1);
    assertThat(rejection.getRejectedSampleCount()).isEqualTo(added);
    return rejection;
  }

  /** One case: what is refused, why, and with which example. */
  private record Case(
      Reason reason, String example, LongFunction<Consumer<SampleBatch.Builder>> sample) {}

  private static Stream<Case> badSamples() {
    return Stream.of(
        // series
        bad(
            Reason.REASON_UNKNOWN_SERIES,
            "proportions[1].series_id: 99 (expected: a declared series)",
            now -> batch -> batch.addProportions(counts(99, now, 1, 0))),
        bad(
            Reason.REASON_UNKNOWN_SERIES,
            "distributions[1].series_id: 0 (expected: a declared series)",
            now -> batch -> batch.addDistributions(values(0, now, 1))),
        bad(
            Reason.REASON_UNKNOWN_METRIC,
            "declared with series.metric: cpu (expected: error_rate, latency)",
            now ->
                batch ->
                    batch
                        .addSeries(series(4, Arm.ARM_CANARY, "c1", "cpu"))
                        .addProportions(counts(4, now, 1, 0))),
        bad(
            Reason.REASON_UNKNOWN_ARM,
            "series.arm: 0 (expected: ARM_BASELINE (1) or ARM_CANARY (2))",
            now ->
                batch ->
                    batch
                        .addSeries(series(4, Arm.ARM_UNSPECIFIED, "c1", "latency"))
                        .addDistributions(values(4, now, 1))),
        bad(
            Reason.REASON_UNKNOWN_ARM,
            "series.arm: 7",
            now ->
                batch ->
                    batch
                        .addSeries(
                            series(4, Arm.ARM_CANARY, "c1", "latency").toBuilder().setArmValue(7))
                        .addDistributions(values(4, now, 1))),
        bad(
            Reason.REASON_WRONG_UNIT,
            "series.unit: ms (expected: s)",
            now ->
                batch ->
                    batch
                        .addSeries(
                            series(4, Arm.ARM_CANARY, "c1", "latency").toBuilder().setUnit("ms"))
                        .addDistributions(values(4, now, 1))),
        bad(
            Reason.REASON_BAD_SERIES,
            "series.instance: empty (expected: 1 to 200 characters)",
            now ->
                batch ->
                    batch
                        .addSeries(series(4, Arm.ARM_CANARY, "", "latency"))
                        .addDistributions(values(4, now, 1))),
        bad(
            Reason.REASON_BAD_SERIES,
            "series.instance: 201 characters",
            now ->
                batch ->
                    batch
                        .addSeries(series(4, Arm.ARM_CANARY, "x".repeat(201), "latency"))
                        .addDistributions(values(4, now, 1))),
        bad(
            Reason.REASON_BAD_SERIES,
            "series.stratum: 201 characters (expected: at most 200 characters)",
            now ->
                batch ->
                    batch
                        .addSeries(
                            series(4, Arm.ARM_CANARY, "c1", "latency").toBuilder()
                                .setStratum("x".repeat(201)))
                        .addDistributions(values(4, now, 1))),
        bad(
            Reason.REASON_BAD_SERIES,
            "series.instance_start_time",
            now ->
                batch ->
                    batch
                        .addSeries(
                            series(4, Arm.ARM_CANARY, "c1", "latency").toBuilder()
                                .setInstanceStartTime(
                                    Timestamp.newBuilder().setSeconds(Long.MAX_VALUE)))
                        .addDistributions(values(4, now, 1))),
        bad(
            Reason.REASON_WRONG_KIND,
            "proportions[1].series_id: 3, of metric latency (expected: a metric of kind"
                + " PROPORTION)",
            now -> batch -> batch.addProportions(counts(3, now, 1, 0))),
        bad(
            Reason.REASON_WRONG_KIND,
            "distributions[1].series_id: 1, of metric error_rate",
            now -> batch -> batch.addDistributions(values(1, now, 1))),

        // values
        notFinite(Double.NaN),
        notFinite(Double.POSITIVE_INFINITY),
        notFinite(Double.NEGATIVE_INFINITY),
        bad(
            Reason.REASON_NEGATIVE,
            "distributions[1].values[1]: -0.1 (expected: finite, at least 0)",
            now -> batch -> batch.addDistributions(values(3, now, 1, -0.1))),
        bad(
            Reason.REASON_NEGATIVE,
            "proportions[1].total_count: -1 (expected: at least 0)",
            now -> batch -> batch.addProportions(counts(1, now, -1, 0))),
        bad(
            Reason.REASON_NEGATIVE,
            "proportions[1].failure_count: -1 (expected: at least 0)",
            now -> batch -> batch.addProportions(counts(1, now, 1, -1))),
        bad(
            Reason.REASON_FAILURES_ABOVE_TOTAL,
            "proportions[1].failure_count: 6 (expected: in [0, total_count = 5])",
            now -> batch -> batch.addProportions(counts(1, now, 5, 6))),
        bad(
            Reason.REASON_LIMIT,
            "proportions[1].total_count: 9223372036854775807 (expected: at most 1000000000000)",
            now -> batch -> batch.addProportions(counts(1, now, Long.MAX_VALUE, 0))),
        bad(
            Reason.REASON_LIMIT,
            "distributions[1].values: 10001 elements (expected: at most 10000)",
            now -> batch -> batch.addDistributions(values(3, now, new double[10_001]))),
        bad(
            Reason.REASON_MALFORMED,
            "distributions[1].values: 0 forms",
            now -> batch -> batch.addDistributions(values(3, now))),
        bad(
            Reason.REASON_MALFORMED,
            "distributions[1].values: 2 forms",
            now ->
                batch ->
                    batch.addDistributions(
                        values(3, now, 1).toBuilder().setExplicit(explicit(List.of(1.0), 1L, 1L)))),

        // histograms
        badExponential(
            Reason.REASON_BAD_HISTOGRAM,
            "exponential.scale: 21 (expected: in [-10, 20])",
            ExponentialHistogram.newBuilder().setScale(21).addBucketCounts(1)),
        badExponential(
            Reason.REASON_BAD_HISTOGRAM,
            "exponential.scale: -11",
            ExponentialHistogram.newBuilder().setScale(-11).addBucketCounts(1)),
        badExponential(
            Reason.REASON_BAD_HISTOGRAM,
            "exponential.offset: 2147483647 at scale 0",
            ExponentialHistogram.newBuilder().setOffset(Integer.MAX_VALUE).addBucketCounts(1)),
        badExponential(
            Reason.REASON_NOT_FINITE,
            "exponential.zero_threshold: NaN",
            ExponentialHistogram.newBuilder().setZeroThreshold(Double.NaN).setZeroCount(1)),
        badExponential(
            Reason.REASON_NEGATIVE,
            "exponential.zero_threshold: -1.0",
            ExponentialHistogram.newBuilder().setZeroThreshold(-1).setZeroCount(1)),
        badExponential(
            Reason.REASON_NEGATIVE,
            "exponential.zero_count: -1",
            ExponentialHistogram.newBuilder().setZeroCount(-1)),
        badExponential(
            Reason.REASON_NEGATIVE,
            "exponential.bucket_counts[1]: -2",
            ExponentialHistogram.newBuilder().addBucketCounts(1).addBucketCounts(-2)),
        badExponential(
            Reason.REASON_LIMIT,
            "exponential.bucket_counts: 4097 elements (expected: at most 4096)",
            ExponentialHistogram.newBuilder()
                .setOffset(-2_000)
                .addAllBucketCounts(Arrays.asList(new Long[4_097]).stream().map(_ -> 0L).toList())),
        badExponential(
            Reason.REASON_LIMIT,
            "exponential.bucket_counts: a sum above 1000000000000",
            ExponentialHistogram.newBuilder()
                .addBucketCounts(Long.MAX_VALUE)
                .addBucketCounts(Long.MAX_VALUE)),
        badExplicit(
            Reason.REASON_BAD_HISTOGRAM,
            "explicit.upper_bounds[1]: 0.5 (expected: finite, at least 0, above the bound before)",
            explicit(List.of(1.0, 0.5), 1L, 1L, 1L)),
        badExplicit(
            Reason.REASON_BAD_HISTOGRAM,
            "explicit.upper_bounds[1]: 1.0",
            explicit(List.of(1.0, 1.0), 1L, 1L, 1L)),
        badExplicit(
            Reason.REASON_BAD_HISTOGRAM,
            "explicit.upper_bounds[0]: -1.0",
            explicit(List.of(-1.0), 1L, 1L)),
        badExplicit(
            Reason.REASON_BAD_HISTOGRAM,
            "explicit.upper_bounds[1]: Infinity",
            explicit(List.of(1.0, Double.POSITIVE_INFINITY), 1L, 1L, 1L)),
        badExplicit(
            Reason.REASON_BAD_HISTOGRAM,
            "explicit.upper_bounds[0]: NaN",
            explicit(List.of(Double.NaN), 1L, 1L)),
        badExplicit(
            Reason.REASON_BAD_HISTOGRAM,
            "explicit.bucket_counts: 2 buckets for 2 bounds",
            explicit(List.of(1.0, 2.0), 1L, 1L)),
        badExplicit(
            Reason.REASON_BAD_HISTOGRAM,
            "explicit.bucket_counts: 1 buckets for 0 bounds",
            explicit(List.of(), 1L)),
        badExplicit(
            Reason.REASON_NEGATIVE,
            "explicit.bucket_counts[1]: -1",
            explicit(List.of(1.0), 1L, -1L)),
        badExplicit(
            Reason.REASON_LIMIT,
            "explicit.upper_bounds: 513 elements (expected: at most 512)",
            ExplicitHistogram.newBuilder()
                .addAllUpperBounds(Stream.iterate(1.0, b -> b + 1).limit(513).toList())),

        // times
        bad(
            Reason.REASON_BEFORE_START,
            "proportions[1].time_millis",
            now -> batch -> batch.addProportions(counts(1, now - 1, 1, 0))),
        bad(
            Reason.REASON_BEFORE_START,
            "distributions[1].time_millis: -9223372036854775808",
            now -> batch -> batch.addDistributions(values(3, Long.MIN_VALUE, 1))),
        bad(
            Reason.REASON_IN_FUTURE,
            "proportions[1].time_millis",
            now -> batch -> batch.addProportions(counts(1, now + 60_000, 1, 0))),
        bad(
            Reason.REASON_IN_FUTURE,
            "distributions[1].time_millis: 9223372036854775807",
            now -> batch -> batch.addDistributions(values(3, Long.MAX_VALUE, 1))));
  }

  private static Case bad(
      Reason reason, String example, LongFunction<Consumer<SampleBatch.Builder>> sample) {
    return new Case(reason, example, sample);
  }

  private static Case notFinite(double value) {
    return bad(
        Reason.REASON_NOT_FINITE,
        "distributions[1].values[2]: " + value + " (expected: finite, at least 0)",
        now -> batch -> batch.addDistributions(values(3, now, 1, 2, value)));
  }

  private static Case badExponential(
      Reason reason, String example, ExponentialHistogram.Builder histogram) {
    return bad(
        reason,
        "distributions[1]." + example,
        now ->
            batch ->
                batch.addDistributions(
                    DistributionSample.newBuilder()
                        .setSeriesId(3)
                        .setTimeMillis(now)
                        .setExponential(histogram)));
  }

  private static Case badExplicit(
      Reason reason, String example, ExplicitHistogram.Builder histogram) {
    return bad(
        reason,
        "distributions[1]." + example,
        now ->
            batch ->
                batch.addDistributions(
                    DistributionSample.newBuilder()
                        .setSeriesId(3)
                        .setTimeMillis(now)
                        .setExplicit(histogram)));
  }

  private static ExplicitHistogram.Builder explicit(List<Double> bounds, Long... counts) {
    return ExplicitHistogram.newBuilder()
        .addAllUpperBounds(bounds)
        .addAllBucketCounts(List.of(counts));
  }

  @TestFactory
  Stream<DynamicTest> isRefusedByItself() {
    return badSamples()
        .map(
            each ->
                DynamicTest.dynamicTest(
                    each.reason() + ": " + each.example(), () -> isRefusedByItself(each)));
  }

  private void isRefusedByItself(Case each) throws Exception {
    createRun();
    SampleRejection rejection = send(each.sample().apply(now));
    assertThat(rejection.getReason()).isEqualTo(each.reason());
    assertThat(rejection.getExample()).contains(each.example());
    var cancelled = harness.runs.cancel(run.id(), "", "", "");
    roundsUntil(cancelled::isDone);
  }

  @Test
  void lateSamplesAreRefused() throws Exception {
    harness.pass(10_000);
    long begin = run.startMillis();
    now = harness.clock.millis();
    SampleRejection rejection = send(batch -> batch.addProportions(counts(1, begin, 1, 0)));
    assertThat(rejection.getReason()).isEqualTo(Reason.REASON_LATE);
    assertThat(rejection.getExample())
        .startsWith("proportions[1].time_millis: " + begin + " (expected: at least ");
    assertThat(harness.samples.late()).isEqualTo(1);
  }

  @Test
  void oneLayoutTooManyIsRefused() throws Exception {
    WireStream stream = WireStream.open(channel, run.id(), "p");
    stream.opened();
    SampleBatch.Builder batch = declaring(1);
    for (int i = 0; i <= DistributionAggregate.MAX_LAYOUTS; i++) {
      batch.addDistributions(
          DistributionSample.newBuilder()
              .setSeriesId(3)
              .setTimeMillis(now)
              .setExplicit(explicit(List.of(1.0 + i), 1L, 1L)));
    }
    batch.addDistributions( // the first layout again
        DistributionSample.newBuilder()
            .setSeriesId(3)
            .setTimeMillis(now)
            .setExplicit(explicit(List.of(1.0), 1L, 1L)));
    stream.send(batch);
    roundsUntil(() -> stream.acked() == 1);
    assertThat(stream.rejections())
        .singleElement()
        .satisfies(
            rejection -> {
              assertThat(rejection.getReason()).isEqualTo(Reason.REASON_LIMIT);
              assertThat(rejection.getRejectedSampleCount()).isEqualTo(1);
              assertThat(rejection.getExample()).contains("one more layout");
            });
    harness.samples.assertBalanced(10);
  }

  @Test
  void eachReasonIsCountedOncePerBatchWithTheFirstExample() throws Exception {
    WireStream stream = WireStream.open(channel, run.id(), "p");
    stream.opened();
    stream.send(
        declaring(1)
            .addProportions(counts(1, now, 5, 7))
            .addProportions(counts(1, now, 5, 8))
            .addProportions(counts(77, now, 5, 8))
            .addProportions(counts(1, now, 5, 5)));
    stream.send(batch(2).addProportions(counts(1, now, 5, 9)));
    roundsUntil(() -> stream.acked() == 2);
    assertThat(stream.rejections())
        .extracting(r -> r.getSequence() + " " + r.getReason() + " " + r.getRejectedSampleCount())
        .containsExactlyInAnyOrder(
            "1 REASON_FAILURES_ABOVE_TOTAL 2",
            "1 REASON_UNKNOWN_SERIES 1",
            "2 REASON_FAILURES_ABOVE_TOTAL 1");
    assertThat(stream.rejections().getFirst().getExample()).isNotEmpty();
    harness.samples.assertBalanced(5);
  }
}
