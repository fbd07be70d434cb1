package io.canaryjudge.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A stream, as a door would run it: straight into the run, without a protocol. */
final class TestStream implements IngestListener {

  private final CompletableFuture<IngestSession> opened = new CompletableFuture<>();
  private final CompletableFuture<JudgeException> ended = new CompletableFuture<>();
  private final CompletableFuture<Void> finished = new CompletableFuture<>();
  private final Map<String, RunSeries> series = new HashMap<>();
  private final List<Rejection> rejections = new ArrayList<>();
  private final AtomicInteger readOns = new AtomicInteger();
  private long acked;
  private long next;
  long samplesSent;

  static TestStream open(RunService runs, String runId, String producer) {
    TestStream stream = new TestStream();
    runs.openStream(runId, producer, Door.GRPC, stream);
    return stream;
  }

  @Override
  public synchronized void opened(IngestSession session, long committedSequence) {
    acked = committedSequence;
    next = committedSequence + 1;
    opened.complete(session);
  }

  @Override
  public synchronized void acked(long committedSequence, List<Rejection> more) {
    assertThat(committedSequence).isGreaterThanOrEqualTo(acked);
    acked = committedSequence;
    rejections.addAll(more);
  }

  @Override
  public void readOn() {
    readOns.incrementAndGet();
  }

  @Override
  public void finished() {
    finished.complete(null);
  }

  @Override
  public void ended(JudgeException reason) {
    ended.complete(reason);
  }

  IngestSession session() {
    try {
      return opened.get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("not opened; ended: " + ended.getNow(null), e);
    }
  }

  ErrorReason endedBecause() {
    try {
      return ended.get(10, TimeUnit.SECONDS).reason();
    } catch (Exception e) {
      throw new AssertionError("not ended", e);
    }
  }

  boolean hasEnded() {
    return ended.isDone();
  }

  void awaitFinished() throws Exception {
    finished.get(10, TimeUnit.SECONDS);
  }

  boolean hasFinished() {
    return finished.isDone();
  }

  /** How often it was told to read on, after waiting for memory. */
  int readOns() {
    return readOns.get();
  }

  synchronized long acked() {
    return acked;
  }

  synchronized List<Rejection> rejections() {
    return List.copyOf(rejections);
  }

  /** Sequence of the batch that {@link #send} sends next. */
  long next() {
    session();
    return next;
  }

  /** Sends the next batch. */
  IngestSession.Outcome send(TestSample... samples) {
    return send(next(), 0, false, samples);
  }

  /** Sends the next batch with a watermark. */
  IngestSession.Outcome sendUpTo(long watermarkMillis, TestSample... samples) {
    return send(next(), watermarkMillis, false, samples);
  }

  /** Sends the next batch, which is the last. */
  IngestSession.Outcome sendLast(TestSample... samples) {
    return send(next(), 0, true, samples);
  }

  /** Sends the next batch, and does something else while it is written. */
  IngestSession.Outcome sendWith(Consumer<SampleSink> more, TestSample... samples) {
    return send(next(), 0, false, more, samples);
  }

  IngestSession.Outcome send(
      long sequence, long watermarkMillis, boolean last, TestSample... samples) {
    return send(sequence, watermarkMillis, last, _ -> {}, samples);
  }

  private IngestSession.Outcome send(
      long sequence,
      long watermarkMillis,
      boolean last,
      Consumer<SampleSink> more,
      TestSample... samples) {
    IngestSession session = session();
    for (TestSample sample : samples) {
      declare(session, sample);
    }
    samplesSent += samples.length;
    IngestSession.Outcome outcome =
        session.offer(
            sequence,
            samples.length,
            watermarkMillis,
            last,
            sink -> {
              for (TestSample sample : samples) {
                write(sample, sink);
              }
              more.accept(sink);
            });
    if (outcome == IngestSession.Outcome.TAKEN) {
      next = sequence + 1;
    }
    return outcome;
  }

  private void declare(IngestSession session, TestSample sample) {
    String name = sample.seriesName();
    if (!series.containsKey(name)) {
      series.put(
          name,
          session.series(
              sample.isProportion() ? 0 : 1,
              sample.arm(),
              "",
              sample.instance(),
              OptionalLong.empty()));
    }
  }

  private void write(TestSample sample, SampleSink sink) {
    RunSeries target = series.get(sample.seriesName());
    if (target == null) {
      sink.refuse(Refusal.LIMIT, () -> "instance");
      return;
    }
    Refusal refusal = sink.place(target, sample.timeMillis());
    if (refusal != null) {
      sink.refuse(refusal, () -> "time: " + sink.expected(refusal));
      return;
    }
    if (sample.isProportion()) {
      target.proportion().add(sample.total(), sample.failures());
    } else {
      target.distribution().addValue(sample.value(), 1);
    }
    sink.accepted(target);
  }

  /**
   * A sample: counts if {@code total} is at least 0, else a value.
   *
   * @param arm the arm
   * @param instance the instance
   * @param timeMillis when
   * @param total trials; -1 for a value
   * @param failures failures
   * @param value value
   */
  record TestSample(
      Arm arm, String instance, long timeMillis, long total, long failures, double value) {

    static TestSample baseline(long timeMillis, long total, long failures) {
      return new TestSample(Arm.BASELINE, "b1", timeMillis, total, failures, 0);
    }

    static TestSample canary(long timeMillis, long total, long failures) {
      return new TestSample(Arm.CANARY, "c1", timeMillis, total, failures, 0);
    }

    static TestSample counts(Arm arm, String instance, long timeMillis, long total, long failures) {
      return new TestSample(arm, instance, timeMillis, total, failures, 0);
    }

    static TestSample value(Arm arm, String instance, long timeMillis, double value) {
      return new TestSample(arm, instance, timeMillis, -1, 0, value);
    }

    boolean isProportion() {
      return total >= 0;
    }

    String seriesName() {
      return arm + " " + instance + " " + isProportion();
    }
  }
}
