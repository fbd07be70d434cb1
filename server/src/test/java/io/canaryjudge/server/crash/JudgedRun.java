package io.canaryjudge.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.RunAnalysis;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Retrospective;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.server.policy.PolicyReader;
import io.canaryjudge.server.run.RunPolicies;
import io.canaryjudge.server.run.RunReplay;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.RunStore;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** One run, a producer for each of its arms, and all that a judge ever told of it. */
final class JudgedRun {

  /** Never decides while a test lasts: GO waits for a check that nobody passes. */
  static final String POLICY =
      """
      name: never
      alpha: 0.000000001
      beta: 0.000000001
      window: 1s
      lateness: 8s
      metrics:
        - name: error_rate
          kind: proportion
          thresholds:
            - limit: 0.9
            - relative: 5.0
              floor: 0.01
        - name: latency
          kind: distribution
          unit: s
          thresholds:
            - quantile: 0.95
              limit: 100
      checks:
        - name: never
      """;

  private static final long START = 1_767_225_600_000L; // of the recorded samples
  private static final long BATCH_MILLIS = 50;

  private final VerdictHistory history;
  private final boolean retrospective;
  private final List<ResendingProducer> producers;

  private JudgedRun(String name, boolean retrospective, Random random) {
    this.history = new VerdictHistory(name);
    this.retrospective = retrospective;
    this.producers =
        List.of(
            producer(Arm.ARM_BASELINE, "baseline", new Random(random.nextLong())),
            producer(Arm.ARM_CANARY, "canary", new Random(random.nextLong())));
  }

  private ResendingProducer producer(Arm arm, String name, Random random) {
    return new ResendingProducer(
        history.run(),
        name,
        arm,
        random,
        retrospective
            ? sequence -> START + sequence * BATCH_MILLIS
            : _ -> System.currentTimeMillis());
  }

  static JudgedRun live(ServerVictim server, Random random) {
    return create(server, AnalysisRun.newBuilder(), random);
  }

  static JudgedRun recorded(ServerVictim server, Random random) {
    return create(
        server,
        AnalysisRun.newBuilder()
            .setRetrospective(
                Retrospective.newBuilder()
                    .setStartTime(Timestamps.fromMillis(START))
                    .setProducerCount(2)),
        random);
  }

  private static JudgedRun create(ServerVictim server, AnalysisRun.Builder run, Random random) {
    String name =
        server
            .judge()
            .createAnalysisRun(
                CreateAnalysisRunRequest.newBuilder()
                    .setRequestId(UUID.randomUUID().toString())
                    .setAnalysisRun(
                        run.setService("checkout")
                            .setBaselineVersion("1")
                            .setCanaryVersion("2")
                            .setPolicy("policies/never"))
                    .build())
            .getAnalysisRun()
            .getName();
    return new JudgedRun(name, run.hasRetrospective(), random);
  }

  List<ResendingProducer> producers() {
    return producers;
  }

  VerdictHistory history() {
    return history;
  }

  private static Verdict verdict(ServerVictim server, String run) {
    return server
        .judge()
        .getVerdict(GetVerdictRequest.newBuilder().setAnalysisRun(run).build())
        .getVerdict();
  }

  private Verdict await(ServerVictim server, Predicate<Verdict> condition) {
    return Awaitility.await()
        .pollInterval(Duration.ofMillis(50))
        .atMost(Duration.ofMinutes(2))
        .until(() -> verdict(server, history.run()), condition);
  }

  /** Waits until some windows are sealed. */
  void awaitSealed(ServerVictim server, long windows) {
    await(server, verdict -> verdict.getSealedWindowCount() >= windows);
  }

  /**
   * Waits until a live run is judged up to a moment.
   *
   * @param millis epoch milliseconds
   */
  Verdict awaitSealedThrough(ServerVictim server, long millis) {
    return await(server, verdict -> Timestamps.toMillis(verdict.getSealedThroughTime()) > millis);
  }

  /**
   * Waits until all that was sent is judged, and holds the verdict against it.
   *
   * @param newestMillis no live sample is newer, epoch milliseconds
   */
  void checkVerdict(ServerVictim server, long newestMillis) {
    Verdict verdict =
        retrospective
            ? await(server, each -> !each.getOpen())
            : awaitSealedThrough(server, newestMillis);
    assertThat(verdict.getDecision())
        .as(verdict.getExplanation())
        .isEqualTo(retrospective ? Decision.DECISION_INCONCLUSIVE : Decision.DECISION_WAIT);
    for (ResendingProducer producer : producers) {
      assertThat(producer.acked()).isEqualTo(producer.sent());
      assertThat(producer.rejections()).isEmpty();
      boolean canary = producer.arm() == Arm.ARM_CANARY;
      MetricVerdict errors = verdict.getMetrics(0);
      assertThat(count(errors, canary)).as("requests").isEqualTo(producer.requests());
      assertThat(count(verdict.getMetrics(1), canary)).as("values").isEqualTo(producer.values());
      if (canary) {
        assertThat(errors.getThresholds(0).getCanaryEstimate())
            .as("failures by requests")
            .isEqualTo((double) producer.failures() / producer.requests());
      }
    }
  }

  private static long count(MetricVerdict metric, boolean canary) {
    return canary ? metric.getCanarySampleCount() : metric.getBaselineSampleCount();
  }

  /**
   * Judges the run again from what is stored: each window holds what was sent for it, and each
   * verdict that is on record or was told comes out again.
   */
  void replay(RunStore store) {
    RunReplay.Outcome outcome = new RunReplay(store, new StoredPolicies()).replay(id());
    assertThat(outcome.differences()).isEmpty();
    assertThat(outcome.compared()).isGreaterThanOrEqualTo(history.recorded());

    RunRecord run = store.find(id()).orElseThrow();
    RunAnalysis analysis =
        RunAnalysis.begin(
            PolicyReader.readStored(run.effectivePolicy()), run.startMillis(), run.attempt());
    WindowTotals judged = new WindowTotals();
    AtomicInteger compared = new AtomicInteger();
    if (history.compare(0, analysis.verdict())) {
      compared.incrementAndGet();
    }
    store.readLog(
        id(),
        (revision, entry) -> {
          if (entry instanceof LogEntry.WindowSealed window) {
            judged.add(window.index(), window.content());
          }
          if (history.compare(revision, analysis.apply(entry))) {
            compared.incrementAndGet();
          }
        });
    assertThat(compared).as("verdicts that were told").hasValue(history.size());
    WindowTotals sent = new WindowTotals();
    producers.forEach(producer -> producer.expect(sent));
    assertThat(judged).isEqualTo(sent);
  }

  private String id() {
    return history.run().substring("analysisRuns/".length());
  }

  private static final class StoredPolicies implements RunPolicies {
    @Override
    public Chosen choose(String name, OptionalLong revision, String overrides) {
      throw new UnsupportedOperationException("no run is created here");
    }

    @Override
    public Policy read(String effectivePolicy) {
      return PolicyReader.readStored(effectivePolicy);
    }
  }
}
