package io.canaryjudge.client;

import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.CancelAnalysisRunRequest;
import io.canaryjudge.proto.v1.CheckOutcome;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.GetAnalysisRunRequest;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.JudgeGrpc.JudgeBlockingStub;
import io.canaryjudge.proto.v1.ListAnalysisRunsRequest;
import io.canaryjudge.proto.v1.OverrideVerdictRequest;
import io.canaryjudge.proto.v1.ReplayAnalysisRunRequest;
import io.canaryjudge.proto.v1.ReplayAnalysisRunResponse;
import io.canaryjudge.proto.v1.ReportCheckRequest;
import io.canaryjudge.proto.v1.ReportStepRequest;
import io.canaryjudge.proto.v1.Step;
import io.canaryjudge.proto.v1.Verdict;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a deploy tool needs of a judge: open a run, tell it what happens, wait for the verdict.
 *
 * <p>Every call that may be repeated without harm is repeated while the judge is out of reach, with
 * backoff, for as long as the caller is ready to wait. Thread-safe.
 */
public final class JudgeClient {

  // As long as the log of a run may be to read and to judge again.
  private static final Duration REPLAY_TIMEOUT = Duration.ofMinutes(5);
  private static final int PAGE = 200;

  private final ManagedChannel channel;
  private final RepeatedCalls<JudgeBlockingStub> calls;
  private final Duration silenceTimeout;

  /**
   * Prepares a client that repeats a call for up to 30 s.
   *
   * @param channel a channel to the judge, see {@link JudgeChannel}
   */
  public JudgeClient(ManagedChannel channel) {
    this(channel, Duration.ofSeconds(30), Duration.ofSeconds(40));
  }

  /**
   * Prepares a client.
   *
   * @param channel a channel to the judge
   * @param retryTimeout for how long a call is tried again while the judge is out of reach
   * @param silenceTimeout after how long without a message a watch is taken for dead; the judge
   *     sends a heartbeat at least every 15 s
   */
  public JudgeClient(ManagedChannel channel, Duration retryTimeout, Duration silenceTimeout) {
    this.channel = channel;
    this.calls = new RepeatedCalls<>(channel, JudgeGrpc.newBlockingStub(channel), retryTimeout);
    this.silenceTimeout = silenceTimeout;
  }

  /**
   * Opens a run.
   *
   * @param run what is compared, by which policy
   * @param requestId one for each run that is meant: a deploy script that is tried again with the
   *     same one gets the same run
   * @return the run, with its name
   * @throws JudgeCallException if it is refused, or the judge stayed out of reach
   */
  public AnalysisRun createRun(AnalysisRun run, UUID requestId) throws InterruptedException {
    var request =
        CreateAnalysisRunRequest.newBuilder()
            .setAnalysisRun(run)
            .setRequestId(requestId.toString())
            .build();
    return calls.repeat(stub -> stub.createAnalysisRun(request).getAnalysisRun());
  }

  /**
   * Gets a run.
   *
   * @param run {@code analysisRuns/{analysis_run}}
   */
  public AnalysisRun run(String run) throws InterruptedException {
    var request = GetAnalysisRunRequest.newBuilder().setName(run).build();
    return calls.repeat(stub -> stub.getAnalysisRun(request).getAnalysisRun());
  }

  /**
   * Lists runs, newest first.
   *
   * @param service only runs of this service; empty for those of all
   * @param states only runs in one of these; empty for all
   * @param atMost how many, at least 1
   */
  public List<AnalysisRun> runs(String service, Set<AnalysisRun.State> states, int atMost)
      throws InterruptedException {
    if (!(atMost >= 1)) {
      throw new IllegalArgumentException("atMost: " + atMost + " (expected: at least 1)");
    }
    List<AnalysisRun> runs = new ArrayList<>();
    String page = "";
    do {
      var request =
          ListAnalysisRunsRequest.newBuilder()
              .setService(service)
              .addAllStates(states)
              .setPageSize(Math.min(PAGE, atMost))
              .setPageToken(page)
              .build();
      var response = calls.repeat(stub -> stub.listAnalysisRuns(request));
      runs.addAll(response.getAnalysisRunsList());
      page = response.getNextPageToken();
    } while (!page.isEmpty() && runs.size() < atMost);
    return List.copyOf(runs.subList(0, Math.min(runs.size(), atMost)));
  }

  /**
   * Judges a run again from its log, and compares with what is on record.
   *
   * @param run {@code analysisRuns/{analysis_run}}
   */
  public ReplayAnalysisRunResponse replay(String run) throws InterruptedException {
    var request = ReplayAnalysisRunRequest.newBuilder().setName(run).build();
    return calls.repeat(REPLAY_TIMEOUT, stub -> stub.replayAnalysisRun(request));
  }

  /**
   * Gets the verdict as of now.
   *
   * @param run {@code analysisRuns/{analysis_run}}
   */
  public Verdict verdict(String run) throws InterruptedException {
    var request = GetVerdictRequest.newBuilder().setAnalysisRun(run).build();
    return calls.repeat(stub -> stub.getVerdict(request).getVerdict());
  }

  /**
   * Tells that traffic now is at a step of the plan.
   *
   * @param run {@code analysisRuns/{analysis_run}}
   * @param index of the step, from 0
   * @param weight the canary's share of traffic in percent
   */
  public Verdict reportStep(String run, int index, double weight) throws InterruptedException {
    var request =
        ReportStepRequest.newBuilder()
            .setAnalysisRun(run)
            .setStep(Step.newBuilder().setIndex(index).setWeight(weight))
            .build();
    return calls.repeat(stub -> stub.reportStep(request).getVerdict());
  }

  /**
   * Tells what a check says.
   *
   * @param run {@code analysisRuns/{analysis_run}}
   * @param check its name
   * @param outcome what it says
   * @param reason why, for people; may be empty
   * @param link where to read on; may be empty
   */
  public Verdict reportCheck(
      String run, String check, CheckOutcome outcome, String reason, String link)
      throws InterruptedException {
    var request =
        ReportCheckRequest.newBuilder()
            .setAnalysisRun(run)
            .setCheck(check)
            .setOutcome(outcome)
            .setReason(reason)
            .setLink(link)
            .build();
    return calls.repeat(stub -> stub.reportCheck(request).getVerdict());
  }

  /**
   * Decides in place of the judge, as a person. Deciding the same again changes nothing.
   *
   * @param run {@code analysisRuns/{analysis_run}}
   * @param decision GO or NO_GO
   * @param author who decides
   * @param reason why
   */
  public Verdict override(String run, Decision decision, String author, String reason)
      throws InterruptedException {
    var request =
        OverrideVerdictRequest.newBuilder()
            .setAnalysisRun(run)
            .setDecision(decision)
            .setAuthor(author)
            .setReason(reason)
            .build();
    return calls.repeat(stub -> stub.overrideVerdict(request).getVerdict());
  }

  /**
   * Ends a run without a decision.
   *
   * @param run {@code analysisRuns/{analysis_run}}
   * @param author who cancels
   * @param reason why
   */
  public AnalysisRun cancel(String run, String author, String reason) throws InterruptedException {
    var request =
        CancelAnalysisRunRequest.newBuilder()
            .setName(run)
            .setAuthor(author)
            .setReason(reason)
            .build();
    return calls.repeat(stub -> stub.cancelAnalysisRun(request).getAnalysisRun());
  }

  /**
   * Waits until the decision stands. Watches the run, and watches it again whenever the connection
   * breaks or falls silent, until the time is over.
   *
   * @param run {@code analysisRuns/{analysis_run}}
   * @param timeout how long to wait in all
   * @param onChange hears each new verdict, on the calling thread
   * @throws JudgeCallException if the judge refuses: an unknown run, missing permission
   */
  public WaitOutcome awaitVerdict(String run, Duration timeout, Consumer<Verdict> onChange)
      throws InterruptedException {
    return awaitVerdict(
        run,
        timeout,
        new WaitListener() {
          @Override
          public void changed(Verdict verdict) {
            onChange.accept(verdict);
          }

          @Override
          public void outOfReach(JudgeCallException cause) {
            // The outcome says so if it lasts.
          }
        });
  }

  /**
   * The same, and tells of the times when the judge cannot be reached.
   *
   * @param run {@code analysisRuns/{analysis_run}}
   * @param timeout how long to wait in all
   * @param listener called on the calling thread; what it throws ends the wait
   * @throws JudgeCallException if the judge refuses: an unknown run, missing permission
   */
  public WaitOutcome awaitVerdict(String run, Duration timeout, WaitListener listener)
      throws InterruptedException {
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    var backoff = RepeatedCalls.backoff();
    @Nullable Verdict newest = null;
    // Why the judge is out of reach; null after any message from it.
    @Nullable JudgeCallException broken = unreached("no answer yet");
    while (true) {
      try (var watch = new VerdictWatch(channel, run, newest == null ? 0 : newest.getRevision())) {
        var event = VerdictWatch.Event.MESSAGE;
        while (event == VerdictWatch.Event.MESSAGE) {
          long left = deadlineNanos - System.nanoTime();
          event = watch.await(Math.min(left, silenceTimeout.toNanos()));
          @Nullable Verdict taken = watch.take();
          if (taken != null) {
            newest = taken;
            listener.changed(taken);
            if (taken.getTerminal()) {
              return new WaitOutcome.Decided(taken);
            }
          }
          if (event == VerdictWatch.Event.MESSAGE) {
            broken = null;
            backoff.reset();
          }
        }
        if (event == VerdictWatch.Event.ENDED) {
          @Nullable Throwable error = watch.error();
          broken =
              error == null ? unreached("the watch ended early") : JudgeCallException.of(error);
        } else if (System.nanoTime() < deadlineNanos) {
          broken = unreached("silent for " + silenceTimeout);
        }
      }
      if (broken != null && !broken.mayPass()) {
        throw broken;
      }
      Duration left = Duration.ofNanos(deadlineNanos - System.nanoTime());
      if (!left.isPositive()) {
        return broken == null
            ? new WaitOutcome.TimedOut(Optional.ofNullable(newest))
            : new WaitOutcome.Unreachable(Optional.ofNullable(newest), broken);
      }
      if (broken != null) {
        listener.outOfReach(broken);
        calls.pause(backoff, broken, left);
      }
    }
  }

  private static JudgeCallException unreached(String why) {
    return JudgeCallException.of(Status.UNAVAILABLE.withDescription(why).asException());
  }
}
