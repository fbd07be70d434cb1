package io.canaryjudge.client;

import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.CancelAnalysisRunRequest;
import io.canaryjudge.proto.v1.CheckOutcome;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.JudgeGrpc.JudgeBlockingStub;
import io.canaryjudge.proto.v1.ReportCheckRequest;
import io.canaryjudge.proto.v1.ReportStepRequest;
import io.canaryjudge.proto.v1.Step;
import io.canaryjudge.proto.v1.Verdict;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a deploy tool needs of a judge: open a run, tell it what happens, wait for the verdict.
 *
 * <p>Every call that may be repeated without harm is repeated while the judge is out of reach, with
 * backoff, for as long as the caller is ready to wait. Thread-safe.
 */
public final class JudgeClient {

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

  private final ManagedChannel channel;
  private final Duration retryTimeout;
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
    this.retryTimeout = retryTimeout;
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
    return repeat(stub -> stub.createAnalysisRun(request).getAnalysisRun());
  }

  /**
   * Gets the verdict as of now.
   *
   * @param run {@code analysisRuns/{analysis_run}}
   */
  public Verdict verdict(String run) throws InterruptedException {
    var request = GetVerdictRequest.newBuilder().setAnalysisRun(run).build();
    return repeat(stub -> stub.getVerdict(request).getVerdict());
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
    return repeat(stub -> stub.reportStep(request).getVerdict());
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
    return repeat(stub -> stub.reportCheck(request).getVerdict());
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
    return repeat(stub -> stub.cancelAnalysisRun(request).getAnalysisRun());
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
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    var backoff = backoff();
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
            onChange.accept(taken);
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
        pause(backoff, broken, left);
      }
    }
  }

  /** Repeats a call that is safe to repeat, while the judge is out of reach. */
  private <T> T repeat(Function<JudgeBlockingStub, T> call) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + retryTimeout.toNanos();
    var backoff = backoff();
    while (true) {
      try {
        return call.apply(
            JudgeGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
      } catch (StatusRuntimeException e) {
        JudgeCallException broken = JudgeCallException.of(e);
        Duration left = Duration.ofNanos(deadlineNanos - System.nanoTime());
        if (!broken.mayPass() || !left.isPositive()) {
          throw broken;
        }
        pause(backoff, broken, left);
      }
    }
  }

  private void pause(Backoff backoff, JudgeCallException broken, Duration atMost)
      throws InterruptedException {
    long millis = Math.max(backoff.nextMillis(), broken.retryAfter().toMillis());
    Thread.sleep(Math.min(millis, Math.max(1, atMost.toMillis())));
    channel.resetConnectBackoff();
  }

  private static Backoff backoff() {
    return new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), ThreadLocalRandom.current());
  }

  private static JudgeCallException unreached(String why) {
    return JudgeCallException.of(Status.UNAVAILABLE.withDescription(why).asException());
  }
}
