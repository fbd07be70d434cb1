package io.canaryjudge.server.run;

import java.util.EnumMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes the samples of one batch, one by one. For each, the door either calls {@link #place}, adds
 * to the aggregate of the series and calls {@link #accepted}, or calls {@link #refuse}.
 *
 * <p>Used by one thread, while its session takes the batch.
 */
public final class SampleSink {

  private final RunGate gate;
  private final RunTerms terms;
  private Partial partial;
  private long sequence;
  private long firstOpenWindow;
  private long endMillis;

  private final EnumMap<Refusal, Rejection> refusedInBatch = new EnumMap<>(Refusal.class);
  private long acceptedInBatch;
  private long grownInBatch;

  SampleSink(RunGate gate, Partial partial) {
    this.gate = gate;
    this.terms = gate.terms();
    this.partial = partial;
  }

  /** Begins a batch. */
  void begin(long batchSequence, Partial target) {
    sequence = batchSequence;
    partial = target;
    firstOpenWindow = gate.firstOpenWindow();
    endMillis = gate.endMillis();
    grownInBatch = 0;
  }

  /** Goes on with another partial, and lets go of the one before. */
  void moveTo(Partial target) {
    partial = target;
  }

  /** Ends a batch: only now its samples are counted. */
  void end() {
    partial.tally().accepted(acceptedInBatch);
    acceptedInBatch = 0;
    if (grownInBatch > 0) {
      partial.grow(grownInBatch);
      gate.hold(grownInBatch);
    }
    refusedInBatch.forEach(
        (reason, rejection) -> {
          partial.rejections().add(rejection);
          partial.tally().refused(reason, rejection.samples());
        });
    refusedInBatch.clear();
  }

  /**
   * Finds the aggregate that a sample belongs to.
   *
   * @param timeMillis when it was observed, epoch milliseconds
   * @return null if it is found: the aggregate of {@code series}; else why it may not be counted
   */
  public @Nullable Refusal place(RunSeries series, long timeMillis) {
    Cell cell = series.cell();
    if (cell != null && cell.holds(timeMillis) && cell.window() >= firstOpenWindow) {
      return timeMillis < endMillis ? null : Refusal.IN_FUTURE;
    }
    if (timeMillis < terms.startMillis()) {
      return Refusal.BEFORE_START;
    }
    if (timeMillis >= endMillis) {
      return Refusal.IN_FUTURE;
    }
    long window = terms.window(timeMillis);
    if (window < firstOpenWindow) {
      return Refusal.LATE;
    }
    Cell present = partial.find(series, window);
    if (present == null) {
      if (!gate.takeCell()) {
        return Refusal.LIMIT;
      }
      present = new Cell(series, window, terms);
      partial.add(present);
      grownInBatch += present.growth();
    }
    series.setCell(present);
    return null;
  }

  /** What {@link #place} would have taken instead, for people. */
  public String expected(Refusal reason) {
    return switch (reason) {
      case BEFORE_START -> "at least " + terms.startMillis() + ", the start of the run";
      case LATE ->
          "at least "
              + terms.windowStart(firstOpenWindow)
              + ", the start of the first window that is not sealed";
      case IN_FUTURE -> "below " + endMillis;
      case LIMIT ->
          "at most "
              + gate.limits().maxOpenCells()
              + " series in open windows, and no more memory than the samples of all runs share";
      case UNKNOWN_SERIES,
          UNKNOWN_METRIC,
          UNKNOWN_ARM,
          WRONG_UNIT,
          WRONG_KIND,
          NOT_FINITE,
          NEGATIVE,
          FAILURES_ABOVE_TOTAL,
          BAD_HISTOGRAM,
          MALFORMED,
          BAD_SERIES,
          RUN_CLOSED,
          STREAM_ENDED ->
          throw new IllegalArgumentException("not a refusal of place(): " + reason);
    };
  }

  /** Counts the sample that was placed and added. */
  public void accepted(RunSeries series) {
    Cell cell = series.present();
    cell.countSample();
    grownInBatch += cell.growth();
    acceptedInBatch++;
  }

  /**
   * Notes something that has to be known again after a restart, together with the samples of this
   * batch: either all of it is durable, or nothing. It replaces what was noted before.
   *
   * @param content not copied, so not to be changed
   */
  public void note(Note note, byte[] content) {
    note.write(partial, content);
  }

  /**
   * Refuses a sample.
   *
   * @param example what came and what was expected; asked for the first sample of each reason
   */
  public void refuse(Refusal reason, Supplier<String> example) {
    Rejection before = refusedInBatch.get(reason);
    refusedInBatch.put(
        reason,
        before == null
            ? new Rejection(sequence, reason, 1, example.get())
            : new Rejection(sequence, reason, before.samples() + 1, before.example()));
  }
}
