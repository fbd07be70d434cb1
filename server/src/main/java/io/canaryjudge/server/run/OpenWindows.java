package io.canaryjudge.server.run;

import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.server.store.Segment;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The windows of a run that still take samples: all they hold, and apart from it what came since
 * the last commit and is not written yet.
 *
 * <p>Owned by the run's owner.
 */
final class OpenWindows {

  private final TreeMap<Long, WindowAggregate> open = new TreeMap<>();
  private final TreeMap<Long, WindowAggregate> pending = new TreeMap<>();
  private long sealed;
  private long lastWindow = -1;

  /** Begins, or goes on after some windows were sealed. */
  OpenWindows(long sealed) {
    this.sealed = sealed;
  }

  /** How many windows are sealed: index of the first open one. */
  long sealed() {
    return sealed;
  }

  /** The highest window that took a sample; -1 if none did, at least none that is known. */
  long lastWindow() {
    return lastWindow;
  }

  /** What {@link #merge} did with a cell. */
  enum Merge {
    /** It is the first of its series in this window. */
    ADDED,

    /** It was added to what was there. */
    JOINED,

    /** It holds nothing. */
    EMPTY,

    /** It would pass a bound of the aggregate that is there, and had no effect. */
    REFUSED
  }

  /** Takes what a stream collected. An empty aggregate has no effect, as it has none in a log. */
  Merge merge(Cell cell) {
    if (cell.window() < sealed) {
      throw new IllegalStateException(
          "window: " + cell.window() + " (expected: at least " + sealed + ", which is open)");
    }
    if (cell.aggregate().isEmpty()) {
      return Merge.EMPTY;
    }
    RunSeries series = cell.series();
    WindowAggregate window = window(open, cell.window());
    boolean first =
        window.find(series.metric(), series.arm(), series.stratum(), series.instance()) == null;
    try {
      add(cell, window);
    } catch (IllegalArgumentException e) {
      return Merge.REFUSED;
    }
    add(cell, window(pending, cell.window())); // holds a part of the other, so it fits too
    lastWindow = Math.max(lastWindow, cell.window());
    return first ? Merge.ADDED : Merge.JOINED;
  }

  private static WindowAggregate window(Map<Long, WindowAggregate> windows, long index) {
    return windows.computeIfAbsent(index, _ -> new WindowAggregate());
  }

  private static void add(Cell cell, WindowAggregate window) {
    RunSeries series = cell.series();
    window
        .at(series.metric(), series.arm(), series.stratum(), series.instance(), series.kind())
        .merge(cell.aggregate());
    series
        .instanceStartMillis()
        .ifPresent(start -> window.started(series.arm(), series.instance(), start));
  }

  /** Seals the first open window and returns what it holds; never again is it merged into. */
  WindowAggregate seal() {
    WindowAggregate content = open.remove(sealed);
    pending.remove(sealed);
    sealed++;
    return content == null ? new WindowAggregate() : content;
  }

  /** What is pending, to be written: nothing is afterwards. Null if nothing is now. */
  @Nullable Segment cut() {
    if (pending.isEmpty()) {
      return null;
    }
    Segment segment =
        new Segment(pending.firstKey(), pending.lastKey(), SegmentCodec.encode(pending));
    pending.clear();
    return segment;
  }

  /** Takes up a segment that was written before; what it holds of sealed windows is in the log. */
  void restore(Segment segment) throws IOException {
    for (Map.Entry<Long, WindowAggregate> window :
        SegmentCodec.decode(segment.content()).entrySet()) {
      lastWindow = Math.max(lastWindow, window.getKey());
      if (window.getKey() >= sealed) {
        window(open, window.getKey()).merge(window.getValue());
      }
    }
  }

  /** About how much memory all of it needs, in bytes. */
  long heapBytes() {
    long bytes = 0;
    for (WindowAggregate window : open.values()) {
      bytes += window.heapBytes();
    }
    for (WindowAggregate window : pending.values()) {
      bytes += window.heapBytes();
    }
    return bytes;
  }

  /** How many aggregates are held. */
  int cells() {
    return open.values().stream().mapToInt(window -> window.entries().size()).sum();
  }
}
