package io.canaryjudge.demo;

import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.client.WaitOutcome;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Label;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One release: its instances are started beside the baseline's, and judged. */
final class Trial {

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final Duration REHEARSAL = Duration.ofSeconds(6);

  private final Screen screen;
  private final JudgeClient judge;
  private final Feed.Factory feeds;
  private final Traffic traffic;
  private final RandomGenerator seeds;

  Trial(
      Screen screen,
      JudgeClient judge,
      Feed.Factory feeds,
      Traffic traffic,
      RandomGenerator seeds) {
    this.screen = screen;
    this.judge = judge;
    this.feeds = feeds;
    this.traffic = traffic;
    this.seeds = seeds;
  }

  /**
   * How it went.
   *
   * @param release what was released
   * @param run {@code analysisRuns/{analysis_run}}
   * @param verdict the last verdict
   * @param millis from the start of the release's instances to the verdict
   */
  record Result(Release release, String run, Verdict verdict, long millis) {

    /** Whether the release got the decision that it deserves, for the right reason. */
    boolean asExpected() {
      return verdict.getTerminal()
          && verdict.getDecision() == release.expected()
          && (release.guilty().isEmpty() || release.guilty().equals(worstMetric()));
    }

    /** The metric with the most evidence of harm. */
    private String worstMetric() {
      return verdict.getMetricsList().stream()
          .max(Comparator.comparingDouble(MetricVerdict::getLogHarmEvidence))
          .map(MetricVerdict::getMetric)
          .orElse("");
    }
  }

  /**
   * Runs the present version against itself for a while and cancels: what is slow for the first
   * time (code that nothing has compiled yet, files, connections) is slow here, and not in the
   * first release that is judged.
   *
   * @param settleTimeout how long it may take
   * @return whether the service then answered at its usual pace
   */
  boolean rehearse(Behaviour behaviour, String version, Duration settleTimeout)
      throws IOException, InterruptedException {
    // Under a version of its own: foreign series tell the arms by nothing else.
    String again = version + "-again";
    try (Arms arms = new Arms(behaviour, version, behaviour, again, seeds)) {
      String run = open(version, again);
      try (Feed feed = feeds.open(run, arms.instances())) {
        traffic.route(arms.instances(), feed::observe);
        Thread.sleep(REHEARSAL);
        judge.verdict(run);
        judge.cancel(run, "demo", "the rehearsal is over");
      }
      return traffic.settle(settleTimeout);
    } finally {
      traffic.route(List.of(), observation -> {});
    }
  }

  /**
   * Starts both versions side by side, lets the judge watch, and stops them again. The baseline is
   * as fresh as the canary: a process that has run for long is no fair comparison with a new one.
   */
  Result judge(Release release, Behaviour present, String presentVersion)
      throws IOException, InterruptedException {
    long startNanos = System.nanoTime();
    try (Arms arms =
        new Arms(present, presentVersion, release.behaviour(), release.version(), seeds)) {
      String run = open(presentVersion, release.version());
      try (Feed feed = feeds.open(run, arms.instances())) {
        traffic.route(arms.instances(), feed::observe);
        judge.reportStep(run, 0, 50);
        Verdict verdict = watch(run, startNanos);
        return new Result(release, run, verdict, (System.nanoTime() - startNanos) / 1_000_000);
      }
    } finally {
      traffic.route(List.of(), observation -> {});
    }
  }

  private String open(String baselineVersion, String canaryVersion) throws InterruptedException {
    return judge
        .createRun(
            AnalysisRun.newBuilder()
                .setService(CheckoutInstance.SERVICE)
                .setBaselineVersion(baselineVersion)
                .setCanaryVersion(canaryVersion)
                .setPolicy(DemoPolicy.NAME)
                .addLabels(Label.newBuilder().setKey("from").setValue("demo"))
                .build(),
            UUID.randomUUID())
        .getName();
  }

  private Verdict watch(String run, long startNanos) throws InterruptedException {
    var newest = new AtomicReference<@Nullable Verdict>();
    screen.begin();
    Thread ticker =
        Thread.startVirtualThread(
            () -> {
              try {
                while (true) {
                  Thread.sleep(500);
                  Verdict now = newest.get();
                  if (now != null) {
                    show(now, startNanos);
                  }
                }
              } catch (InterruptedException over) {
                // The verdict is there.
              }
            });
    try {
      WaitOutcome outcome =
          judge.awaitVerdict(
              run,
              PATIENCE,
              verdict -> {
                newest.set(verdict);
                show(verdict, startNanos);
              });
      return switch (outcome) {
        case WaitOutcome.Decided(Verdict verdict) -> verdict;
        case WaitOutcome.TimedOut(var last) -> last.orElse(Verdict.getDefaultInstance());
        case WaitOutcome.Unreachable(var _, var cause) -> throw cause;
      };
    } finally {
      ticker.interrupt();
      ticker.join();
    }
  }

  private void show(Verdict verdict, long startNanos) {
    long seconds = (System.nanoTime() - startNanos) / 1_000_000_000;
    screen.show(Progress.block(verdict, seconds), Progress.line(verdict, seconds));
  }
}
