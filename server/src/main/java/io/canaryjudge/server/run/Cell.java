package io.canaryjudge.server.run;

import io.canaryjudge.analysis.aggregate.Aggregate;

/** What one stream collected of one series in one window since the last commit. */
final class Cell {

  private final RunSeries series;
  private final Partial partial;
  private final long window;
  private final long fromMillis;
  private final long toMillis;
  private final Aggregate aggregate;
  private long samples;

  Cell(RunSeries series, Partial partial, long window, RunTerms terms) {
    this.series = series;
    this.partial = partial;
    this.window = window;
    this.fromMillis = terms.windowStart(window);
    this.toMillis = terms.windowStart(window + 1);
    this.aggregate = Aggregate.empty(series.kind());
  }

  /**
   * Whether a sample of this moment belongs here, as long as {@code partial} is the present one.
   */
  boolean holds(Partial present, long timeMillis) {
    return partial == present && timeMillis >= fromMillis && timeMillis < toMillis;
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

  long samples() {
    return samples;
  }
}
