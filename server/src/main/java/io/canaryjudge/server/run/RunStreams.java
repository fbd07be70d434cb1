package io.canaryjudge.server.run;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.ProducerProgress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The streams of one run: what they took is collected here, and told here once it is durable.
 *
 * <p>Owned by the run's owner.
 */
final class RunStreams {

  private final RunGate gate;
  private final SampleAccounting accounting;
  private final RunTelemetry telemetry;
  private final Map<String, IngestSession> sessions = new TreeMap<>();
  private Collected collected = new Collected();
  private Collected committing = new Collected();

  /** What is told of batches once they are durable. */
  private static final class Collected {
    private final Map<Door, Tally> tallies = new EnumMap<>(Door.class);
    private final Map<String, List<Rejection>> rejections = new HashMap<>();

    Tally tally(Door door) {
      return tallies.computeIfAbsent(door, _ -> new Tally());
    }

    List<Rejection> rejections(String producer) {
      return rejections.computeIfAbsent(producer, _ -> new ArrayList<>());
    }
  }

  RunStreams(RunGate gate, SampleAccounting accounting, RunTelemetry telemetry) {
    this.gate = gate;
    this.accounting = accounting;
    this.telemetry = telemetry;
  }

  /** Opens the stream of a producer; an older one ends, and what it took is collected. */
  void open(String producer, Door door, IngestListener listener, RunBook book) {
    IngestSession before = sessions.get(producer);
    if (before != null) {
      before.end(
          Refusal.STREAM_ENDED,
          JudgeException.of(
              ErrorReason.STREAM_REPLACED, "Producer " + producer + " opened another stream."));
      collect(before, book);
      telemetry.streamEnded(before.door());
    }
    book.producers().open(producer);
    IngestSession session =
        new IngestSession(
            gate,
            producer,
            book.producers().collected(producer),
            book.producers().committed(producer),
            door,
            listener,
            accounting);
    sessions.put(producer, session);
    telemetry.streamOpened(door);
    session.begin();
  }

  /** Collects what all streams took since the last time. Returns whether that is anything. */
  boolean collect(RunBook book) {
    boolean any = false;
    for (IngestSession session : List.copyOf(sessions.values())) {
      any |= collect(session, book);
      if (session.gone()) {
        sessions.remove(session.producer());
        telemetry.streamEnded(session.door());
      }
    }
    return any;
  }

  private boolean collect(IngestSession session, RunBook book) {
    Partial partial = session.collect();
    if (partial == null) {
      return false;
    }
    Tally tally = collected.tally(session.door());
    tally.add(partial.tally());
    List<Rejection> rejections = collected.rejections(session.producer());
    rejections.addAll(partial.rejections());
    for (Cell cell : partial.cells()) {
      switch (book.windows().merge(cell)) {
        case ADDED -> {}
        case JOINED, EMPTY -> gate.returnCells(1);
        case REFUSED -> {
          gate.returnCells(1);
          tally.withdraw(Refusal.LIMIT, cell.samples());
          rejections.add(tooMuch(partial.lastSequence(), cell));
        }
      }
    }
    partial.addNotesTo(gate.notes());
    book.producers().collect(session.producer(), partial);
    gate.hold(-partial.heapBytes());
    return true;
  }

  private static Rejection tooMuch(long sequence, Cell cell) {
    return new Rejection(
        sequence,
        Refusal.LIMIT,
        cell.samples(),
        "instance: "
            + cell.series().instance()
            + " (expected: smaller counts, and fewer histogram layouts, in one window)");
  }

  /** What was collected is part of the commit that is under way now. */
  void cut() {
    committing = collected;
    collected = new Collected();
  }

  /** That commit is durable. */
  void committed(SortedMap<String, ProducerProgress> progress) {
    committing.tallies.forEach((door, tally) -> tally.tell(accounting, door));
    committing.tallies.clear(); // told once, also if something fails from here on
    progress.forEach(
        (producer, each) -> {
          IngestSession session = sessions.get(producer);
          if (session != null) {
            session.committed(
                each.sequence(), committing.rejections.getOrDefault(producer, List.of()));
          }
        });
    committing = new Collected();
  }

  /** Ends all streams; what they took since the last collection is dropped, and was never acked. */
  void end(Refusal because, JudgeException reason) {
    for (IngestSession session : sessions.values()) {
      session.end(because, reason);
      session.discard(because);
      telemetry.streamEnded(session.door());
    }
    sessions.clear();
  }

  /** Ends all streams, and drops also what was collected and will never be durable. */
  void fail(JudgeException reason) {
    end(Refusal.STREAM_ENDED, reason);
    for (Collected each : List.of(collected, committing)) {
      each.tallies.forEach(
          (door, tally) -> {
            tally.withdrawAll(Refusal.STREAM_ENDED);
            tally.tell(accounting, door);
          });
    }
    collected = new Collected();
    committing = new Collected();
  }
}
