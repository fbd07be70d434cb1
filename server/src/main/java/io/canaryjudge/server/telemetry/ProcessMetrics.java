package io.canaryjudge.server.telemetry;

import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.RunSnapshot;
import io.canaryjudge.server.run.RunTelemetry;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Whether the judge judges: commits, seals, streams, decisions. Used by any thread. */
public final class ProcessMetrics implements RunTelemetry {

  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MILLIS_PER_SECOND = 1e3;

  private final RunGauges runs;
  private final Histogram commitDuration;
  private final Histogram commitRuns;
  private final Counter commits;
  private final Counter commitFailures;
  private final Counter windowsSealed;
  private final Histogram sealLag;
  private final Counter interruptions;
  private final Counter ownerFailures;
  private final Gauge streamsOpen;
  private final Gauge sampleMemory;
  private final Gauge sampleMemoryLimit;
  private final Counter streamsSlowed;
  private final Counter decisions;
  private final Histogram decisionTime;

  /**
   * Registers its metrics.
   *
   * @param runs is told of each published verdict
   */
  public ProcessMetrics(PrometheusRegistry registry, RunGauges runs) {
    this.runs = runs;
    commitDuration =
        Histogram.builder()
            .name("canary_judge_commit_duration_seconds")
            .help("Duration of a transaction that commits runs.")
            .classicUpperBounds(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
            .register(registry);
    commitRuns =
        Histogram.builder()
            .name("canary_judge_commit_runs")
            .help("Runs that share a transaction.")
            .classicUpperBounds(1, 3, 10, 30, 100, 300, 1000, 3000)
            .register(registry);
    commits = counter("commits", "Transactions that committed runs.", registry);
    commitFailures =
        counter("commit_failures", "Transactions that failed and were tried again.", registry);
    windowsSealed = counter("windows_sealed", "Windows that were sealed and judged.", registry);
    sealLag =
        Histogram.builder()
            .name("canary_judge_seal_lag_seconds")
            .help("Time from when a window could have been sealed until its verdict was committed.")
            .classicUpperBounds(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
            .register(registry);
    interruptions =
        counter("interruptions", "Times the clock or the database was out of reach.", registry);
    ownerFailures = counter("owner_failures", "Runs that rest because of a defect.", registry);
    streamsOpen =
        Gauge.builder()
            .name("canary_judge_streams_open")
            .help("Streams that bring samples.")
            .labelNames("door")
            .register(registry);
    for (Door door : Door.values()) {
      streamsOpen.initLabelValues(door.label());
    }
    sampleMemory =
        Gauge.builder()
            .name("canary_judge_sample_memory_bytes")
            .help("Memory that samples hold until their windows are sealed and durable.")
            .register(registry);
    sampleMemoryLimit =
        Gauge.builder()
            .name("canary_judge_sample_memory_limit_bytes")
            .help("Bound of that; streams are slowed down from half of it on.")
            .register(registry);
    streamsSlowed =
        counter("streams_slowed", "Times a stream waited because memory was scarce.", registry);
    decisions =
        Counter.builder()
            .name("canary_judge_decisions_total")
            .help("Runs that reached a terminal decision; a GO that became NO_GO counts twice.")
            .labelNames("decision", "reason")
            .register(registry);
    decisionTime =
        Histogram.builder()
            .name("canary_judge_decision_time_seconds")
            .help("Run time until the first terminal decision.")
            .labelNames("decision")
            .classicUpperBounds(10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 86400)
            .register(registry);
  }

  private static Counter counter(String name, String help, PrometheusRegistry registry) {
    return Counter.builder().name("canary_judge_" + name + "_total").help(help).register(registry);
  }

  @Override
  public void committed(int runs, long nanos) {
    commits.inc();
    commitRuns.observe(runs);
    commitDuration.observe(nanos / NANOS_PER_SECOND);
  }

  @Override
  public void commitFailed() {
    commitFailures.inc();
  }

  @Override
  public void interrupted() {
    interruptions.inc();
  }

  @Override
  public void sealed(int windows, long lagMillis) {
    windowsSealed.inc(windows);
    sealLag.observe(lagMillis / MILLIS_PER_SECOND);
  }

  @Override
  public void published(RunSnapshot snapshot) {
    RunSnapshot before = runs.published(snapshot);
    if (snapshot.terminal()
        && (before == null || before.verdict().decision() != snapshot.verdict().decision())) {
      Verdict verdict = snapshot.verdict();
      decisions.labelValues(verdict.decision().name(), verdict.reason().name()).inc();
      if (before == null || !before.terminal()) {
        double seconds =
            (verdict.sealedThroughMillis() - snapshot.run().startMillis()) / MILLIS_PER_SECOND;
        decisionTime.labelValues(verdict.decision().name()).observe(Math.max(0, seconds));
      }
    }
  }

  @Override
  public void ownerFailed() {
    ownerFailures.inc();
  }

  @Override
  public void streamOpened(Door door) {
    streamsOpen.labelValues(door.label()).inc();
  }

  @Override
  public void streamEnded(Door door) {
    streamsOpen.labelValues(door.label()).dec();
  }

  @Override
  public void sampleMemory(long heldBytes, long limitBytes, int slowedStreams) {
    sampleMemory.set((double) heldBytes);
    sampleMemoryLimit.set((double) limitBytes);
    streamsSlowed.inc(slowedStreams);
  }
}
