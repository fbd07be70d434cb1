package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.client.ProducerEnd;
import io.canaryjudge.client.RecordedSample;
import io.canaryjudge.client.RecordedSampleSender;
import io.canaryjudge.client.SeriesSpec;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.CreatePolicyRequest;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.ExplicitHistogram;
import io.canaryjudge.proto.v1.ExponentialHistogram;
import io.canaryjudge.proto.v1.ListVerdictsRequest;
import io.canaryjudge.proto.v1.MetricKind;
import io.canaryjudge.proto.v1.MetricPolicy;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.Retrospective;
import io.canaryjudge.proto.v1.Threshold;
import io.canaryjudge.proto.v1.Tolerance;
import io.canaryjudge.proto.v1.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The data of one run, sent by one producer in order of time, and again in parts by four producers
 * at once, each out of order: the verdict is the same to the bit.
 */
class SplitProducersTest {

  private static final long START = 1_700_000_000_000L;
  private static final int WINDOWS = 240;
  private static final int PRODUCERS = 4;

  /** How far a sample may come after later ones: half of it, on average, is used. */
  private static final int DISORDER_MILLIS = 20_000;

  private static TestServer server;
  private static JudgeClient judge;

  @BeforeAll
  static void start(@TempDir Path directory) {
    server = TestServer.start(directory);
    judge = new JudgeClient(server.channel());
    server
        .policies()
        .createPolicy(
            CreatePolicyRequest.newBuilder()
                .setPolicy(policy())
                .setAuthor("test")
                .setReason("every kind of metric")
                .build());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({"0, DECISION_INCONCLUSIVE", "0.15, DECISION_NO_GO"})
  void theVerdictIsTheSameToTheBit(double harm, Decision expected) throws Exception {
    List<RecordedSample> samples = samples(new Random(31), harm);

    String one = createRun(1);
    send(one, List.of(samples), Duration.ZERO);
    Verdict inOrder = ended(one);
    String four = createRun(PRODUCERS);
    send(four, split(samples, new Random(32)), Duration.ofMillis(DISORDER_MILLIS));
    Verdict shuffled = ended(four);

    assertThat(inOrder.getDecision()).isEqualTo(expected);
    assertThat(inOrder.getMetricsList())
        .hasSize(4)
        .allSatisfy(metric -> assertThat(metric.getCanarySampleCount()).isGreaterThan(200));
    assertThat(unnamed(shuffled)).isEqualTo(unnamed(inOrder));
    // What is on record at checkpoints depends on when commits came; the rest is the same.
    Map<Long, Verdict> record = history(one);
    record.keySet().retainAll(history(four).keySet());
    assertThat(record).hasSizeGreaterThan(1).isEqualTo(common(history(four), record));
  }

  private static Map<Long, Verdict> common(Map<Long, Verdict> all, Map<Long, Verdict> some) {
    Map<Long, Verdict> common = new HashMap<>(all);
    common.keySet().retainAll(some.keySet());
    return common;
  }

  private static Map<Long, Verdict> history(String run) {
    Map<Long, Verdict> history = new HashMap<>();
    server
        .judge()
        .listVerdicts(ListVerdictsRequest.newBuilder().setParent(run).setPageSize(1000).build())
        .getVerdictsList()
        .forEach(verdict -> history.put(verdict.getRevision(), unnamed(verdict)));
    return history;
  }

  /** All but the name of the run. */
  private static Verdict unnamed(Verdict verdict) {
    return verdict.toBuilder().clearName().build();
  }

  private static Verdict ended(String run) {
    return await()
        .pollInterval(10, TimeUnit.MILLISECONDS)
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> judge.verdict(run), verdict -> !verdict.getOpen());
  }

  /** Sends each part as a producer of its own, all at once. */
  private static void send(String run, List<List<RecordedSample>> parts, Duration disorder)
      throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<RecordedSampleSender.Sent>> senders = new ArrayList<>();
      for (List<RecordedSample> part : parts) {
        senders.add(
            () ->
                new RecordedSampleSender(server.channel(), run)
                    .disorder(disorder)
                    .send(part.iterator()));
      }
      for (Future<RecordedSampleSender.Sent> sender :
          executor.invokeAll(senders, 120, TimeUnit.SECONDS)) {
        RecordedSampleSender.Sent sent = sender.get();
        assertThat(sent.end()).isNotInstanceOf(ProducerEnd.Refused.class);
        assertThat(sent.stats().rejectedSamples()).isEmpty();
      }
    }
  }

  private static String createRun(int producers) throws InterruptedException {
    return judge
        .createRun(
            AnalysisRun.newBuilder()
                .setService("checkout")
                .setBaselineVersion("1")
                .setCanaryVersion("2")
                .setPolicy("policies/split")
                .setRetrospective(
                    Retrospective.newBuilder()
                        .setStartTime(Timestamps.fromMillis(START))
                        .setProducerCount(producers))
                .build(),
            UUID.randomUUID())
        .getName();
  }

  private static Policy policy() {
    return Policy.newBuilder()
        .setName("policies/split")
        .setAlpha(0.01)
        .setBeta(0.001)
        .setWindow(Durations.fromSeconds(1))
        .setLateness(Durations.fromSeconds(1))
        .setBurstGuard(Durations.fromSeconds(5))
        .setDeadline(Durations.fromHours(1))
        .setWatchAfterGo(Durations.fromHours(1))
        .addMetrics(
            MetricPolicy.newBuilder()
                .setName("error_rate")
                .setKind(MetricKind.METRIC_KIND_PROPORTION)
                .setUnit("1")
                .addThresholds(Threshold.newBuilder().setLimit(0.05))
                .addThresholds(Threshold.newBuilder().setRelative(0.5).setFloor(0.005)))
        .addMetrics(distribution("values"))
        .addMetrics(distribution("exponential"))
        .addMetrics(distribution("explicit"))
        .build();
  }

  private static MetricPolicy distribution(String name) {
    return MetricPolicy.newBuilder()
        .setName(name)
        .setKind(MetricKind.METRIC_KIND_DISTRIBUTION)
        .setUnit("s")
        .addThresholds(
            Threshold.newBuilder()
                .setQuantile(0.95)
                .setRelative(0.1)
                .setGo(Tolerance.newBuilder().setRelative(0.2)))
        .build();
  }

  /** Every form of sample, in order of time; the canary does harm to a share of its requests. */
  private static List<RecordedSample> samples(Random random, double harm) {
    List<RecordedSample> samples = new ArrayList<>();
    for (int i = 0; i < WINDOWS * 40; i++) {
      long time = START + i * 25L;
      Arm arm = random.nextBoolean() ? Arm.ARM_CANARY : Arm.ARM_BASELINE;
      String instance = "pod-" + random.nextInt(3);
      double share = arm == Arm.ARM_CANARY ? harm : 0;
      switch (random.nextInt(4)) {
        case 0 -> {
          int total = 1 + random.nextInt(20);
          int failures = 0;
          for (int request = 0; request < total; request++) {
            failures += random.nextDouble() < 0.01 + share ? 1 : 0;
          }
          samples.add(
              new RecordedSample.Proportion(
                  SeriesSpec.of(arm, instance, "error_rate"), time, total, failures));
        }
        case 1 ->
            samples.add(
                new RecordedSample.Values(
                    SeriesSpec.of(arm, instance, "values"),
                    time,
                    random.doubles(10).map(value -> value * (1 + share)).boxed().toList()));
        case 2 ->
            samples.add(
                new RecordedSample.Exponential(
                    SeriesSpec.of(arm, instance, "exponential"), time, exponential(random)));
        default ->
            samples.add(
                new RecordedSample.Explicit(
                    SeriesSpec.of(arm, instance, "explicit"), time, explicit(random)));
      }
    }
    return samples;
  }

  private static ExponentialHistogram exponential(Random random) {
    ExponentialHistogram.Builder histogram =
        ExponentialHistogram.newBuilder()
            .setScale(3 + random.nextInt(4))
            .setOffset(-20 + random.nextInt(10))
            .setZeroCount(random.nextInt(2));
    for (int bucket = 0; bucket < 12; bucket++) {
      histogram.addBucketCounts(random.nextInt(3));
    }
    return histogram.build();
  }

  private static ExplicitHistogram explicit(Random random) {
    ExplicitHistogram.Builder histogram = ExplicitHistogram.newBuilder();
    double step = random.nextBoolean() ? 0.1 : 0.25; // two layouts
    for (int bucket = 1; bucket <= 6; bucket++) {
      histogram.addUpperBounds(bucket * step).addBucketCounts(random.nextInt(4));
    }
    return histogram.addBucketCounts(random.nextInt(2)).build();
  }

  /** Deals samples, and parts of counts, to the producers, and disorders what each of them has. */
  private static List<List<RecordedSample>> split(List<RecordedSample> samples, Random random) {
    List<List<RecordedSample>> parts = new ArrayList<>();
    for (int i = 0; i < PRODUCERS; i++) {
      parts.add(new ArrayList<>());
    }
    for (RecordedSample sample : samples) {
      List<RecordedSample> first = parts.get(random.nextInt(PRODUCERS));
      List<RecordedSample> second = parts.get(random.nextInt(PRODUCERS));
      switch (sample) {
        case RecordedSample.Proportion(var series, long time, long total, long failures) -> {
          first.add(new RecordedSample.Proportion(series, time, failures, failures));
          second.add(new RecordedSample.Proportion(series, time, total - failures, 0));
        }
        case RecordedSample.Values(var series, long time, List<Double> values) -> {
          List<Double> shuffled = new ArrayList<>(values);
          Collections.shuffle(shuffled, random);
          first.add(new RecordedSample.Values(series, time, shuffled.subList(0, 4)));
          second.add(new RecordedSample.Values(series, time, shuffled.subList(4, shuffled.size())));
        }
        case RecordedSample.Exponential whole -> first.add(whole);
        case RecordedSample.Explicit whole -> first.add(whole);
      }
    }
    parts.forEach(part -> disorder(part, random));
    return parts;
  }

  private static void disorder(List<RecordedSample> part, Random random) {
    record Placed(long atMillis, RecordedSample sample) {}
    List<RecordedSample> disordered =
        part.stream()
            .map(each -> new Placed(each.timeMillis() + random.nextInt(DISORDER_MILLIS), each))
            .sorted(Comparator.comparingLong(Placed::atMillis))
            .map(Placed::sample)
            .toList();
    part.clear();
    part.addAll(disordered);
  }
}
