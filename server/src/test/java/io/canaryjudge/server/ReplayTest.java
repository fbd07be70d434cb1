package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.client.ProducerEnd;
import io.canaryjudge.client.RecordedSample;
import io.canaryjudge.client.RecordedSampleSender;
import io.canaryjudge.client.SampleProducer;
import io.canaryjudge.client.SeriesSpec;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.CheckOutcome;
import io.canaryjudge.proto.v1.CreatePolicyRequest;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.ListVerdictsRequest;
import io.canaryjudge.proto.v1.MetricKind;
import io.canaryjudge.proto.v1.MetricPolicy;
import io.canaryjudge.proto.v1.OverrideVerdictRequest;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.ReplayAnalysisRunRequest;
import io.canaryjudge.proto.v1.ReplayAnalysisRunResponse;
import io.canaryjudge.proto.v1.Retrospective;
import io.canaryjudge.proto.v1.Threshold;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.server.store.RealPostgres;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A running server replays its runs from storage, before and after a restart. */
class ReplayTest {

  private static final long START = 1_700_000_000_000L;
  private static final Arm[] ARMS = {Arm.ARM_BASELINE, Arm.ARM_CANARY};

  @TempDir Path directory;

  enum Kind {
    SQLITE,
    POSTGRESQL
  }

  @ParameterizedTest
  @EnumSource
  void whatIsOnRecordComesOutAgain(Kind kind) throws Exception {
    Map<String, String> settings =
        switch (kind) {
          case SQLITE -> Map.of();
          case POSTGRESQL -> Map.of("database.url", RealPostgres.newDatabase().url());
        };
    String live;
    String records;
    try (TestServer server = TestServer.start(directory, settings)) {
      createPolicy(server);
      JudgeClient judge = new JudgeClient(server.channel());
      live = create(judge, AnalysisRun.newBuilder());
      judge.reportStep(live, 0, 5);
      feed(server, live, 3);
      judge.reportCheck(live, "smoke", CheckOutcome.CHECK_OUTCOME_PASSED, "12 of 12", "");
      judge.reportStep(live, 1, 50);
      assertThat(replay(server, live).getComparedVerdictCount()).isGreaterThanOrEqualTo(4);

      records =
          create(
              judge,
              AnalysisRun.newBuilder()
                  .setRetrospective(
                      Retrospective.newBuilder().setStartTime(Timestamps.fromMillis(START))));
      RecordedSampleSender.Sent sent =
          new RecordedSampleSender(server.channel(), records).send(recorded().iterator());
      assertThat(sent.end()).isEqualTo(new ProducerEnd.Closed(true));
      String recordedRun = records;
      await()
          .pollInterval(10, TimeUnit.MILLISECONDS)
          .atMost(30, TimeUnit.SECONDS)
          .until(() -> !judge.verdict(recordedRun).getOpen());
      assertThat(judge.verdict(records).getSealedWindowCount()).isEqualTo(300);
      isReproduced(server, records);
    }
    try (TestServer server = TestServer.start(directory, settings)) {
      JudgeClient judge = new JudgeClient(server.channel());
      feed(server, live, judge.verdict(live).getSealedWindowCount() + 3);
      override(server, live);
      judge.cancel(live, "Ann", "enough");

      isReproduced(server, live);
      isReproduced(server, records);
      override(server, records);
      isReproduced(server, records);
      assertThatThrownBy(() -> replay(server, "analysisRuns/none"))
          .isInstanceOf(StatusRuntimeException.class)
          .extracting(e -> Status.fromThrowable(e).getCode())
          .isEqualTo(Status.Code.NOT_FOUND);
    }
  }

  private static ReplayAnalysisRunResponse replay(TestServer server, String run) {
    ReplayAnalysisRunResponse replay =
        server
            .judge()
            .replayAnalysisRun(ReplayAnalysisRunRequest.newBuilder().setName(run).build());
    assertThat(replay.getDifferencesList()).isEmpty();
    assertThat(replay.getDifferentVerdictCount()).isZero();
    assertThat(replay.getEntryCount()).isEqualTo(replay.getVerdict().getRevision());
    return replay;
  }

  /** Of a run that has ended, everything is the same; through both doors. */
  private static void isReproduced(TestServer server, String run) throws Exception {
    ReplayAnalysisRunResponse replay = replay(server, run);
    List<Verdict> onRecord =
        server
            .judge()
            .listVerdicts(ListVerdictsRequest.newBuilder().setParent(run).setPageSize(1000).build())
            .getVerdictsList();
    assertThat(replay.getComparedVerdictCount()).isEqualTo(onRecord.size()).isGreaterThan(2);
    assertThat(replay.getVerdict())
        .isEqualTo(onRecord.getFirst())
        .isEqualTo(new JudgeClient(server.channel()).verdict(run));
    assertThat(server.get("/api/v1/" + run + "/replay").body())
        .contains("\"differentVerdictCount\": \"0\"");
  }

  private static void override(TestServer server, String run) {
    Verdict verdict =
        server
            .judge()
            .overrideVerdict(
                OverrideVerdictRequest.newBuilder()
                    .setAnalysisRun(run)
                    .setDecision(Decision.DECISION_GO)
                    .setAuthor("Ann")
                    .setReason("known")
                    .build())
            .getVerdict();
    assertThat(verdict.getDecision()).isEqualTo(Decision.DECISION_GO);
  }

  private static void createPolicy(TestServer server) {
    server
        .policies()
        .createPolicy(
            CreatePolicyRequest.newBuilder()
                .setPolicy(
                    Policy.newBuilder()
                        .setName("policies/replayed")
                        .setAlpha(1e-6)
                        .setBeta(1e-6)
                        .setWindow(Durations.fromSeconds(1))
                        .setLateness(Durations.fromSeconds(1))
                        .setDeadline(Durations.fromHours(1))
                        .setWatchAfterGo(Durations.fromHours(1))
                        .addMetrics(
                            MetricPolicy.newBuilder()
                                .setName("error_rate")
                                .setKind(MetricKind.METRIC_KIND_PROPORTION)
                                .setUnit("1")
                                .addThresholds(Threshold.newBuilder().setLimit(0.2))
                                .addThresholds(
                                    Threshold.newBuilder().setRelative(0.5).setFloor(0.01)))
                        .addMetrics(
                            MetricPolicy.newBuilder()
                                .setName("latency")
                                .setKind(MetricKind.METRIC_KIND_DISTRIBUTION)
                                .setUnit("s")
                                .addThresholds(
                                    Threshold.newBuilder().setQuantile(0.95).setRelative(0.1))))
                .setAuthor("test")
                .setReason("short windows")
                .build());
  }

  private static String create(JudgeClient judge, AnalysisRun.Builder run)
      throws InterruptedException {
    return judge
        .createRun(
            run.setService("checkout")
                .setBaselineVersion("1")
                .setCanaryVersion("2")
                .setPolicy("policies/replayed")
                .build(),
            UUID.randomUUID())
        .getName();
  }

  /** Sends what two instances do now, until so many windows are sealed and both arms were seen. */
  private static void feed(TestServer server, String run, long windows) {
    JudgeClient judge = new JudgeClient(server.channel());
    Random random = new Random(1);
    try (SampleProducer producer =
        SampleProducer.builder(server.channel(), run)
            .flushInterval(Duration.ofMillis(100))
            .start()) {
      List<Runnable> instances = new ArrayList<>();
      for (Arm arm : ARMS) {
        var errors = producer.proportion(arm, arm + "-1", "error_rate");
        var latency = producer.distribution(arm, arm + "-1", "latency");
        instances.add(
            () -> {
              errors.record(random.nextInt(50) == 0);
              latency.record(0.1 * Math.exp(random.nextGaussian()));
            });
      }
      await()
          .pollInterval(20, TimeUnit.MILLISECONDS)
          .atMost(60, TimeUnit.SECONDS)
          .until(
              () -> {
                instances.forEach(Runnable::run);
                Verdict verdict = judge.verdict(run);
                return verdict.getSealedWindowCount() >= windows
                    && verdict.getMetrics(0).getCanarySampleCount() > 0;
              });
    }
  }

  private static List<RecordedSample> recorded() {
    Random random = new Random(2);
    List<RecordedSample> samples = new ArrayList<>();
    for (int second = 0; second < 300; second++) {
      for (Arm arm : ARMS) {
        for (int i = 0; i < 3; i++) {
          long time = START + second * 1_000L;
          samples.add(
              new RecordedSample.Proportion(
                  SeriesSpec.of(arm, "pod-" + i, "error_rate"), time, 30, random.nextInt(2)));
          samples.add(
              new RecordedSample.Values(
                  SeriesSpec.of(arm, "pod-" + i, "latency"),
                  time,
                  random.doubles(10, 0.01, 1).boxed().toList()));
        }
      }
    }
    return samples;
  }
}
