package io.canaryjudge.server.ingest.series;

/** What the counts of a point cover. */
public enum Temporality {
  /** Everything since the series started. */
  CUMULATIVE,

  /** What is new since the point before. */
  DELTA
}
