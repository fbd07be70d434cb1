package io.canaryjudge.server.run;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One stream of one producer into one run.
 *
 * <p>The stream's thread merges each batch into a partial of its own, and the owner of the run
 * collects the partials of all streams for each commit; so a batch costs its samples and no hand
 * over, and a commit costs windows and series, not traffic. Both sides hold the monitor of this
 * object: the owner only to swap the partial or to tell what is durable.
 */
public final class IngestSession {

  /** What became of a batch. */
  public enum Outcome {
    /** Taken: its ack follows. */
    TAKEN,

    /** It had come before. If it is durable, the door acks again what is. */
    REPEATED,

    /** The stream has ended. */
    ENDED
  }

  private static final int MAX_HELD_REJECTIONS = 1_000;

  private final RunGate gate;
  private final String producer;
  private final IngestListener listener;
  private final SampleAccounting accounting;
  private final Door door;
  private final SampleSink sink;

  private Partial partial = new Partial();
  private long received;
  private long committed;
  private int heldRejections;
  private boolean halfClosed;
  private boolean hurried;
  private boolean waitsForMemory;
  private boolean mayReadOne;
  private @Nullable Refusal endedBecause;

  IngestSession(
      RunGate gate,
      String producer,
      long received,
      long committed,
      Door door,
      IngestListener listener,
      SampleAccounting accounting) {
    this.gate = gate;
    this.producer = producer;
    this.received = received;
    this.committed = committed;
    this.door = door;
    this.listener = listener;
    this.accounting = accounting;
    this.sink = new SampleSink(gate, partial);
  }

  // For the door.

  /** The run. */
  public RunTerms terms() {
    return gate.terms();
  }

  /** What may be sent. */
  public IngestLimits limits() {
    return gate.limits();
  }

  /** The name under which a stratum of a metric is kept: its own, or that of the rest. */
  public String stratum(int metric, String name) {
    return gate.stratum(metric, name);
  }

  /**
   * Declares a series.
   *
   * @param metric index in {@link RunTerms#metrics()}
   * @param arm the arm
   * @param stratum the part of the traffic that it is of; of no effect unless the policy splits the
   *     metric into strata
   * @param instance the instance
   * @param instanceStartMillis when the instance started, epoch milliseconds, if known
   * @return null if the arm has too many instances
   */
  public @Nullable RunSeries series(
      int metric, Arm arm, String stratum, String instance, OptionalLong instanceStartMillis) {
    String known = gate.instance(arm, instance);
    if (known == null) {
      return null;
    }
    MetricPolicy policy = gate.terms().metrics().get(metric);
    return new RunSeries(
        metric,
        policy.kind(),
        arm,
        gate.stratum(metric, stratum),
        known,
        instanceStartMillis,
        gate.layouts(metric, arm, known));
  }

  /**
   * Takes the next batch, all of it or nothing.
   *
   * @param sequence its sequence
   * @param samples how many samples it has
   * @param watermarkMillis nothing earlier follows, epoch milliseconds; 0 for unchanged
   * @param last whether it is the producer's last one
   * @param content its samples
   * @throws JudgeException {@code INVALID_FIELD} for a sequence below 1, {@code SEQUENCE_GAP} for
   *     one above the next: the stream has ended then, and the listener is not told
   */
  public synchronized Outcome offer(
      long sequence, long samples, long watermarkMillis, boolean last, BatchContent content) {
    Refusal ended = endedBecause;
    if (ended != null) {
      account(samples, ended);
      return Outcome.ENDED;
    }
    mayReadOne = false;
    if (sequence < 1) {
      endWith(samples);
      throw JudgeException.invalidField("batch.sequence", sequence, "at least 1");
    }
    if (sequence > received + 1) {
      endWith(samples);
      throw gap(sequence, received + 1);
    }
    if (sequence <= received) {
      accounting.received(door, samples);
      accounting.repeated(door, samples);
      return Outcome.REPEATED;
    }
    try {
      sink.begin(sequence, partial);
      content.writeTo(sink);
      sink.end();
    } catch (RuntimeException e) {
      endedBecause = Refusal.STREAM_ENDED;
      discard(Refusal.STREAM_ENDED);
      account(samples, Refusal.STREAM_ENDED);
      throw e;
    }
    partial.tally().received(samples);
    partial.complete(sequence, watermarkMillis, last);
    received = sequence;
    gate.markDirty();
    hurryIfNeeded();
    return Outcome.TAKEN;
  }

  /** The last durable batch of the producer. */
  public synchronized long committedSequence() {
    return committed;
  }

  /**
   * Whether the stream should be read on now; if not, ask again at each ack, and when {@link
   * IngestListener#readOn} says so.
   */
  public synchronized boolean wantsMore() {
    if (endedBecause != null
        || received - committed >= gate.limits().maxUnackedBatches()
        || heldRejections + partial.rejections().size() >= MAX_HELD_REJECTIONS) {
      return false;
    }
    if (mayReadOne || !gate.memoryIsScarce()) {
      return true;
    }
    if (!waitsForMemory) {
      waitsForMemory = true;
      gate.awaitMemory(this);
    }
    return false;
  }

  /** Lets a stream that waits for memory read one batch more. */
  void readOn() {
    synchronized (this) {
      waitsForMemory = false;
      if (endedBecause != null) {
        return;
      }
      mayReadOne = true;
    }
    listener.readOn();
  }

  /** The sender sends nothing more; {@link IngestListener#finished} follows. */
  public synchronized void halfClose() {
    halfClosed = true;
    finishIfDone();
  }

  /**
   * The stream is gone, or the door ended it. What was taken is still committed; the listener hears
   * nothing more.
   */
  public synchronized void abandon() {
    if (endedBecause == null) {
      endedBecause = Refusal.STREAM_ENDED;
    }
  }

  /**
   * Ends the stream because of a batch that cannot be taken; the listener is not told.
   *
   * @param samples how many samples it has
   */
  public synchronized void refuseBatch(long samples) {
    endWith(samples);
  }

  /**
   * What was {@linkplain SampleSink#note noted} under a key with all batches that the run has
   * collected, by any stream: after a restart what is durable, so that it fits to the sequence that
   * {@link IngestListener#opened} told. Null if nothing was. Not to be changed.
   */
  public byte @Nullable [] noted(String key) {
    return gate.notes().content(key);
  }

  /**
   * A note to be written with batches, and room for it.
   *
   * @param key what it is about, 1 to 200 printable ASCII characters: an id or a digest
   * @return null if the run has too many: what needs this one is to be refused with {@link
   *     Refusal#LIMIT}
   */
  public @Nullable Note note(String key) {
    RunNotes.Entry entry = gate.notes().admit(key);
    return entry == null ? null : new Note(entry);
  }

  // For the owner of the run.

  String producer() {
    return producer;
  }

  Door door() {
    return door;
  }

  /** Tells the door that the stream is open. */
  synchronized void begin() {
    listener.opened(this, committed);
  }

  /** Hands over what was taken since the last call; null if that is nothing. */
  synchronized @Nullable Partial collect() {
    hurried = false;
    if (partial.isEmpty()) {
      return null;
    }
    Partial collected = replacePartial();
    heldRejections += collected.rejections().size();
    return collected;
  }

  /** Whether it can be forgotten: it has ended, and everything was collected. */
  synchronized boolean gone() {
    return endedBecause != null && partial.isEmpty();
  }

  /** Tells what is durable now. */
  synchronized void committed(long sequence, List<Rejection> rejections) {
    committed = sequence;
    heldRejections = Math.max(0, heldRejections - rejections.size());
    if (endedBecause == null) {
      listener.acked(sequence, rejections);
      finishIfDone();
    }
  }

  /**
   * Ends the stream. What was taken and not collected yet stays to be collected.
   *
   * @param because what later batches are counted as
   */
  synchronized void end(Refusal because, JudgeException reason) {
    if (endedBecause == null) {
      endedBecause = because;
      listener.ended(reason);
    }
  }

  /** Throws away what was taken and not collected: it was never acked. */
  synchronized void discard(Refusal because) {
    Partial dropped = replacePartial();
    gate.returnCells(dropped.cells().size());
    gate.hold(-dropped.heapBytes());
    dropped.tally().withdrawAll(because);
    dropped.tally().tell(accounting, door);
  }

  private Partial replacePartial() {
    Partial before = partial;
    before.close();
    partial = new Partial();
    sink.moveTo(partial);
    return before;
  }

  private void finishIfDone() {
    if (halfClosed && endedBecause == null && committed >= received) {
      endedBecause = Refusal.STREAM_ENDED;
      listener.finished();
    }
  }

  private void hurryIfNeeded() {
    if (!hurried && received - committed > gate.limits().maxUnackedBatches() / 4) {
      hurried = true;
      gate.hurry();
    }
  }

  private void endWith(long samples) {
    if (endedBecause == null) {
      endedBecause = Refusal.STREAM_ENDED;
    }
    account(samples, Refusal.STREAM_ENDED);
  }

  private void account(long samples, Refusal reason) {
    if (samples > 0) {
      accounting.received(door, samples);
      accounting.rejected(door, reason, samples);
    }
  }

  private static JudgeException gap(long sequence, long expected) {
    return JudgeException.of(
            ErrorReason.SEQUENCE_GAP,
            "batch.sequence: " + sequence + " (expected: " + expected + ", the next)")
        .with("expected_sequence", Long.toString(expected));
  }
}
