package io.canaryjudge.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.proto.v1.CheckOutcome;
import io.canaryjudge.proto.v1.CheckVerdict;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.ListVerdictsRequest;
import io.canaryjudge.proto.v1.ListVerdictsResponse;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.ReportCheckRequest;
import io.canaryjudge.proto.v1.ReportCheckResponse;
import io.canaryjudge.proto.v1.ThresholdVerdict;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.proto.v1.WatchVerdictRequest;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * All that a judge told of one run over its lives, and that it may never take back: a verdict that
 * was told stays the verdict of its revision, one that is on record stays there, and no revision
 * goes back.
 */
final class VerdictHistory {

  private final String run;
  private final SortedMap<Long, Verdict> told = new TreeMap<>();
  private final SortedMap<Long, Verdict> recorded = new TreeMap<>();
  private final List<String> answered = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private int reports;

  VerdictHistory(String run) {
    this.run = run;
  }

  String run() {
    return run;
  }

  /** Asks a judge that was started again, and compares with what its predecessors told. */
  Verdict check(JudgeGrpc.JudgeBlockingStub judge) {
    long newest = newest();
    Verdict now =
        judge.getVerdict(GetVerdictRequest.newBuilder().setAnalysisRun(run).build()).getVerdict();
    assertThat(now.getRevision()).as("revision").isGreaterThanOrEqualTo(newest);
    tell(now);
    SortedMap<Long, Verdict> onRecord = onRecord(judge);
    synchronized (this) {
      recorded.forEach(
          (revision, verdict) ->
              assertThat(onRecord.get(revision)).as("revision " + revision).isEqualTo(verdict));
      recorded.putAll(onRecord);
      onRecord.forEach((_, verdict) -> tell(verdict));
      assertThat(onRecord.values())
          .flatExtracting(Verdict::getChecksList)
          .extracting(CheckVerdict::getReason)
          .containsAll(answered);
      assertThat(failures).isEmpty();
    }
    return now;
  }

  private SortedMap<Long, Verdict> onRecord(JudgeGrpc.JudgeBlockingStub judge) {
    SortedMap<Long, Verdict> onRecord = new TreeMap<>();
    String token = "";
    do {
      ListVerdictsResponse page =
          judge.listVerdicts(
              ListVerdictsRequest.newBuilder()
                  .setParent(run)
                  .setPageSize(10)
                  .setPageToken(token)
                  .build());
      page.getVerdictsList().forEach(verdict -> onRecord.put(verdict.getRevision(), verdict));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return onRecord;
  }

  /** Listens for as long as the judge lives. */
  void watch(Channel channel) {
    JudgeGrpc.newStub(channel)
        .watchVerdict(
            WatchVerdictRequest.newBuilder().setAnalysisRun(run).build(),
            new Listener<>(
                answer -> {
                  if (answer.hasVerdict()) {
                    tell(answer.getVerdict());
                  }
                }));
  }

  /** Reports something, which is on record for ever once it is answered. Does not wait. */
  void report(Channel channel) {
    String reason = "report " + ++reports;
    JudgeGrpc.newStub(channel)
        .reportCheck(
            ReportCheckRequest.newBuilder()
                .setAnalysisRun(run)
                .setCheck("never")
                .setOutcome(CheckOutcome.CHECK_OUTCOME_PENDING)
                .setReason(reason)
                .build(),
            new Listener<ReportCheckResponse>(answer -> answered(reason, answer.getVerdict())));
  }

  private synchronized void answered(String reason, Verdict verdict) {
    answered.add(reason);
    tell(verdict);
  }

  private synchronized void tell(Verdict verdict) {
    Verdict before = told.putIfAbsent(verdict.getRevision(), verdict);
    if (before != null && !before.equals(verdict)) {
      failures.add(new AssertionError(before + " was taken back for " + verdict));
    }
  }

  private synchronized long newest() {
    return told.isEmpty() ? 0 : told.lastKey();
  }

  /** How many verdicts were told. */
  synchronized int size() {
    return told.size();
  }

  /** How many are on record for sure. */
  synchronized int recorded() {
    return recorded.size();
  }

  /**
   * Compares what was told with what the log gives.
   *
   * @return whether this revision was told
   */
  synchronized boolean compare(long revision, io.canaryjudge.analysis.verdict.Verdict replayed) {
    Verdict verdict = told.get(revision);
    if (verdict == null) {
      return false;
    }
    assertThat(figures(verdict)).as("revision " + revision).isEqualTo(figures(replayed));
    return true;
  }

  private static List<Number> figures(Verdict verdict) {
    List<Number> figures = new ArrayList<>();
    figures.add(verdict.getSealedWindowCount());
    figures.add(verdict.getLogHarmEvidence());
    for (MetricVerdict metric : verdict.getMetricsList()) {
      figures.add(metric.getBaselineSampleCount());
      figures.add(metric.getCanarySampleCount());
      for (ThresholdVerdict threshold : metric.getThresholdsList()) {
        figures.add(threshold.getLogHarmEvidence());
        figures.add(threshold.getLogSafeEvidence());
        figures.add(threshold.getHarmDispersion());
      }
    }
    return figures;
  }

  private static List<Number> figures(io.canaryjudge.analysis.verdict.Verdict verdict) {
    List<Number> figures = new ArrayList<>();
    figures.add(verdict.sealedWindows());
    figures.add(verdict.logHarmEvidence());
    verdict
        .metrics()
        .forEach(
            metric -> {
              figures.add(metric.baselineSamples());
              figures.add(metric.canarySamples());
              metric
                  .thresholds()
                  .forEach(
                      threshold -> {
                        figures.add(threshold.logHarmEvidence());
                        figures.add(threshold.logSafeEvidence());
                        figures.add(threshold.harmDispersion());
                      });
            });
    return figures;
  }

  /** A server that is killed or stops is expected; any other failure is not. */
  private final class Listener<T> implements StreamObserver<T> {

    private final Consumer<T> each;

    Listener(Consumer<T> each) {
      this.each = each;
    }

    @Override
    public void onNext(T message) {
      each.accept(message);
    }

    @Override
    public void onError(Throwable cause) {
      Status.Code code = Status.fromThrowable(cause).getCode();
      if (code != Status.Code.UNAVAILABLE && code != Status.Code.CANCELLED) {
        synchronized (VerdictHistory.this) {
          failures.add(cause);
        }
      }
    }

    @Override
    public void onCompleted() {}
  }
}
