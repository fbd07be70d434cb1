package io.canaryjudge.server.run;

import io.canaryjudge.analysis.aggregate.Aggregate;

/** What one stream collected of one series in one window since the last commit. */
final class Cell {

  /** Of this object, and of its place in a partial. */
  private static final int OWN_BYTES = 128;

  private final RunSeries series;
  private final long window;
  private final long fromMillis;
  private final long toMillis;
  private final Aggregate aggregate;
  private long samples;
  private long weighed;

  Cell(RunSeries series, long window, RunTerms terms) {
    this.series = series;
    this.window = window;
    this.fromMillis = terms.windowStart(window);
    this.toMillis = terms.windowStart(window + 1);
    this.aggregate = Aggregate.empty(series.kind());
  }

  /** Whether a sample of this moment belongs here. */
  boolean holds(long timeMillis) {
    return timeMillis >= fromMillis && timeMillis < toMillis;
  }

  RunSeries series() {
    return series;
  }

  long window() {
    return window;
  }

  Aggregate aggregate() {
    return aggregate;
  }

  void countSample() {
    samples++;
  }

  /** By how many bytes it has grown since the last call, or come into being. */
  long growth() {
    long bytes = OWN_BYTES + aggregate.heapBytes();
    long growth = bytes - weighed;
    weighed = bytes;
    return growth;
  }

  long samples() {
    return samples;
  }
}
