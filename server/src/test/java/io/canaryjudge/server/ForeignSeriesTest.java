package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.analysis.cases.CasePolicy;
import io.canaryjudge.analysis.cases.RecordedCase;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.client.RecordedSample;
import io.canaryjudge.client.RecordedSampleSender;
import io.canaryjudge.client.SeriesSpec;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.ListVerdictsRequest;
import io.canaryjudge.proto.v1.ReplayAnalysisRunRequest;
import io.canaryjudge.proto.v1.Retrospective;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.server.ingest.pull.RecordedPrometheus;
import io.canaryjudge.server.policy.PolicyWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same requests, told by the judge's own client and by what a service emits anyway: the
 * verdicts are the same to the bit, and with them all counts. The policy names no series.
 */
class ForeignSeriesTest {

  private static final double LEVEL = 0.01;
  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();
  private static final long START = 1_700_000_000_000L - 1_700_000_000_000L % DAY_MILLIS;
  private static final long INTERVAL = 5_000;
  private static final long LATENESS = 2 * INTERVAL;

  /** Intervals in one request, as after an outage of the judge; the number of them is odd. */
  private static final int TOGETHER = 7;

  /** So many at most, since each is answered after a commit of its own: a day takes longer ones. */
  private static final int MOST_REQUESTS = 300;

  private static final List<Double> BOUNDS =
      IntStream.range(0, 40).mapToObj(i -> 0.01 * StrictMath.pow(1.1, i)).toList();

  private static RecordedPrometheus prometheus;
  private static TestServer server;
  private static JudgeClient judge;
  private static final Map<String, Told> TOLD = new TreeMap<>();

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    Path policies = Files.createDirectory(directory.resolve("policies"));
    write(policies, "cases", CasePolicy.of(LEVEL, LEVEL, INTERVAL, 0, DAY_MILLIS));
    write(policies, "decides", CasePolicy.of(LEVEL, LEVEL, INTERVAL, 0, 0));
    prometheus = new RecordedPrometheus();
    server =
        TestServer.start(
            directory,
            Map.of(
                "policies.directory",
                policies.toString(),
                "prometheus.url",
                prometheus.url().toString(),
                "runs.quiet-time",
                "5s"));
    judge = new JudgeClient(server.channel());
  }

  private static void write(Path policies, String name, Policy policy) throws IOException {
    Files.writeString(
        policies.resolve(name + ".yaml"),
        PolicyWriter.toYaml(policy).replace("name: cases", "name: " + name));
  }

  @AfterAll
  static void stop() {
    server.close();
    prometheus.close();
  }

  static Stream<Arguments> waysAndBuckets() {
    return Stream.of(ForeignWay.values())
        .flatMap(
            way ->
                Stream.of(true, false)
                    .flatMap(
                        exponential ->
                            Stream.of(
                                Arguments.of(way, exponential, Decision.DECISION_GO),
                                Arguments.of(way, exponential, Decision.DECISION_NO_GO))));
  }

  @ParameterizedTest
  @MethodSource("waysAndBuckets")
  void theVerdictDoesNotDependOnTheWay(ForeignWay way, boolean exponential, Decision expected)
      throws Exception {
    List<Double> bounds = exponential ? List.of() : BOUNDS;
    List<Served> requests = requests(bounds, expected == Decision.DECISION_GO ? 0.002 : 0.05);
    String key = expected + (exponential ? "-exponential" : "-explicit");
    Told own = TOLD.computeIfAbsent(key, _ -> tell("decides", requests));

    Told foreign = tell(way, key, "decides", requests);

    assertThat(own.last().getDecision()).isEqualTo(expected);
    assertThat(foreign.last()).isEqualTo(own.last());
    assertThat(foreign.common(own)).hasSizeGreaterThan(2).isEqualTo(own.common(foreign));
  }

  @ParameterizedTest
  @EnumSource(names = {"DECISION_GO", "DECISION_NO_GO"})
  void theVerdictIsTheSameByQueries(Decision expected) throws Exception {
    List<Served> requests = requests(BOUNDS, expected == Decision.DECISION_GO ? 0.002 : 0.05);
    Told own = TOLD.computeIfAbsent(expected + "-explicit", _ -> tell("decides", requests));
    String name = "PROMQL-" + expected;
    ForeignService service = new ForeignService(server, ForeignWay.REMOTE_WRITE_1, name);
    service.scrapedBy(prometheus, start(service, BOUNDS, requests));
    service.scrapedBy(prometheus, requests);

    String run = createRun(name, "decides", ending(requests).setFromPrometheus(true));
    awaitEnd(run);

    Told foreign = told(run);
    assertThat(foreign.last()).isEqualTo(own.last());
    assertThat(foreign.common(own)).hasSizeGreaterThan(2).isEqualTo(own.common(foreign));
  }

  private static Retrospective.Builder ending(List<Served> requests) {
    return Retrospective.newBuilder()
        .setStartTime(Timestamps.fromMillis(START))
        .setEndTime(Timestamps.fromMillis(requests.getLast().endMillis()));
  }

  static Stream<Arguments> casesAndWays() {
    return RecordedCase.NAMES.stream()
        .flatMap(
            name ->
                Stream.of(ForeignWay.OTLP_HTTP_CUMULATIVE, ForeignWay.REMOTE_WRITE_2)
                    .map(way -> Arguments.of(name, way)));
  }

  @ParameterizedTest
  @MethodSource("casesAndWays")
  void recordedCasesEndAsThroughTheClient(String name, ForeignWay way) throws Exception {
    List<Served> requests = requests(RecordedCase.read(name));
    Told own = TOLD.computeIfAbsent(name, _ -> tell("cases", requests));
    String service = way + "-" + name;

    // Telemetry does not say that it is at the end; the run does.
    String run = createRun(service, "cases", ending(requests));
    send(new ForeignService(server, way, service), requests);
    awaitEnd(run);

    Told foreign = told(run);
    assertThat(foreign.last()).isEqualTo(own.last());
    assertThat(foreign.common(own)).hasSizeGreaterThan(1).isEqualTo(own.common(foreign));
  }

  /**
   * What a run made of it.
   *
   * @param last the last verdict
   * @param history the verdicts on record by revision, without the names of the run
   */
  private record Told(Verdict last, TreeMap<Long, Verdict> history) {

    /** The verdicts that another one has on record, too: at checkpoints that depends on time. */
    TreeMap<Long, Verdict> common(Told other) {
      TreeMap<Long, Verdict> common = new TreeMap<>(history);
      common.keySet().retainAll(other.history.keySet());
      return common;
    }
  }

  /** By the judge's own client. */
  private static Told tell(String policy, List<Served> requests) {
    try {
      String run = createRun("own", policy);
      new RecordedSampleSender(server.channel(), run)
          .send(requests.stream().flatMap(ForeignSeriesTest::samples).iterator());
      awaitEnd(run);
      return told(run);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitEnd(String run) {
    await()
        .pollInterval(10, TimeUnit.MILLISECONDS)
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> !judge.verdict(run).getOpen());
  }

  private static Stream<RecordedSample> samples(Served served) {
    long time = served.endMillis() - INTERVAL;
    return Stream.of(
        new RecordedSample.Proportion(
            SeriesSpec.of(served.arm(), served.instance(), "error_rate"),
            time,
            served.latencies().count(),
            served.failures()),
        served.latencies().sample(SeriesSpec.of(served.arm(), served.instance(), "latency"), time));
  }

  /** By what a service emits anyway. */
  private static Told tell(ForeignWay way, String name, String policy, List<Served> requests)
      throws Exception {
    String serviceName = way + "-" + name;
    String run = createRun(serviceName, policy);
    send(new ForeignService(server, way, serviceName), requests);
    long sealed = requests.getLast().endMillis() - LATENESS - INTERVAL;
    await()
        .pollInterval(10, TimeUnit.MILLISECONDS)
        .atMost(30, TimeUnit.SECONDS)
        .until(
            () -> judge.verdict(run),
            verdict -> !verdict.getOpen() || sealedMillis(verdict) >= sealed);
    return told(run);
  }

  /** Starts the processes; what old ones counted before the run, which is no evidence. */
  private static List<Served> start(
      ForeignService service, List<Double> bounds, List<Served> requests) {
    List<Served> before = new ArrayList<>();
    for (Arm arm : List.of(Arm.ARM_BASELINE, Arm.ARM_CANARY)) {
      requests.stream()
          .filter(served -> served.arm() == arm)
          .map(Served::instance)
          .distinct()
          .forEach(
              instance -> {
                boolean old = arm == Arm.ARM_BASELINE;
                service.start(arm, instance, old ? START - 3_600_000 : START, bounds);
                if (old) {
                  Latencies some = new Latencies(bounds);
                  IntStream.range(0, 1_000).forEach(i -> some.add(0.1 + i / 1e3));
                  before.add(new Served(START, arm, instance, before.size() * 50L, some));
                }
              });
    }
    return before;
  }

  private static void send(ForeignService service, List<Served> requests) throws Exception {
    service.send(start(service, requests.getFirst().latencies().bounds(), requests));
    List<Served> together = new ArrayList<>();
    long intervals = (requests.getLast().endMillis() - START) / INTERVAL;
    long longest = Math.max(TOGETHER, intervals / MOST_REQUESTS | 1) * INTERVAL;
    long sinceMillis = START;
    for (Served served : requests) {
      if (served.endMillis() > sinceMillis + longest) {
        service.send(together);
        together.clear();
        sinceMillis = served.endMillis() - INTERVAL;
      }
      together.add(served);
    }
    service.send(together);
  }

  private static long sealedMillis(Verdict verdict) {
    return Timestamps.toMillis(verdict.getSealedThroughTime());
  }

  private static Told told(String run) throws InterruptedException {
    Verdict last = judge.verdict(run);
    TreeMap<Long, Verdict> history = new TreeMap<>();
    server
        .judge()
        .listVerdicts(ListVerdictsRequest.newBuilder().setParent(run).setPageSize(1000).build())
        .getVerdictsList()
        .forEach(verdict -> history.put(verdict.getRevision(), unnamed(verdict)));
    var replay =
        server
            .judge()
            .withDeadlineAfter(2, TimeUnit.MINUTES)
            .replayAnalysisRun(ReplayAnalysisRunRequest.newBuilder().setName(run).build());
    assertThat(replay.getDifferentVerdictCount()).isZero();
    return new Told(unnamed(last), history);
  }

  private static Verdict unnamed(Verdict verdict) {
    return verdict.toBuilder().clearName().build();
  }

  private static String createRun(String service, String policy) throws InterruptedException {
    return createRun(
        service, policy, Retrospective.newBuilder().setStartTime(Timestamps.fromMillis(START)));
  }

  private static String createRun(
      String service, String policy, Retrospective.Builder retrospective)
      throws InterruptedException {
    return judge
        .createRun(
            AnalysisRun.newBuilder()
                .setService(service)
                .setBaselineVersion("1")
                .setCanaryVersion("2")
                .setPolicy("policies/" + policy)
                .setRetrospective(retrospective)
                .build(),
            UUID.randomUUID())
        .getName();
  }

  /** 8 minutes of two instances in each arm; the baseline fails in 0.2 % of its requests. */
  private static List<Served> requests(List<Double> bounds, double canaryFailures) {
    Random random = new Random(7);
    List<Served> all = new ArrayList<>();
    for (long end = START + INTERVAL; end <= START + 96 * INTERVAL; end += INTERVAL) {
      for (int instance = 0; instance < 4; instance++) {
        boolean canary = instance % 2 == 1;
        double failing = canary ? canaryFailures : 0.002;
        Latencies latencies = new Latencies(bounds);
        long failures = 0;
        for (int i = 40 + random.nextInt(20); i > 0; i--) {
          latencies.add(0.1 * StrictMath.exp(random.nextGaussian() / 4));
          failures += random.nextDouble() < failing ? 1 : 0;
        }
        Arm arm = canary ? Arm.ARM_CANARY : Arm.ARM_BASELINE;
        all.add(new Served(end, arm, "pod-" + instance / 2, failures, latencies));
      }
    }
    return all;
  }

  /** A recorded case as counted in intervals. */
  private static List<Served> requests(RecordedCase recorded) {
    Map<Long, Map<String, Served>> intervals = new TreeMap<>();
    for (RecordedCase.Row row : recorded.rows()) {
      long end = START + (row.second() * 1_000 / INTERVAL + 1) * INTERVAL;
      Arm arm =
          switch (row.arm()) {
            case BASELINE -> Arm.ARM_BASELINE;
            case CANARY -> Arm.ARM_CANARY;
          };
      Latencies latencies = latencies(row.latency());
      intervals
          .computeIfAbsent(end, _ -> new TreeMap<>())
          .merge(
              arm + row.instance(),
              new Served(end, arm, row.instance(), row.errors(), latencies),
              ForeignSeriesTest::merged);
    }
    return intervals.values().stream().flatMap(each -> each.values().stream()).toList();
  }

  private static Served merged(Served some, Served more) {
    some.latencies().add(more.latencies());
    return new Served(
        some.endMillis(),
        some.arm(),
        some.instance(),
        some.failures() + more.failures(),
        some.latencies());
  }

  private static Latencies latencies(RecordedCase.Latency latency) {
    return switch (latency) {
      case RecordedCase.Latency.Values(List<Double> seconds) -> {
        Latencies latencies = new Latencies(List.of());
        seconds.forEach(latencies::add);
        yield latencies;
      }
      case RecordedCase.Latency.Buckets(List<Double> bounds, List<Long> counts) -> {
        Latencies latencies = new Latencies(bounds);
        IntStream.range(0, counts.size()).forEach(i -> latencies.add(i, counts.get(i)));
        yield latencies;
      }
    };
  }
}
