package io.canaryjudge.server.ingest.remotewrite;

/** What a sender says that a series is; the order is that of the numbers on the wire. */
enum MetricType {
  /** Nothing is said, as always in version 1.0. */
  UNSPECIFIED,
  /** Only grows, but for restarts. */
  COUNTER,
  /** A reading. */
  GAUGE,
  /** A classic or native histogram: its series all only grow. */
  HISTOGRAM,
  /** A histogram of readings: its counts go up and down. */
  GAUGE_HISTOGRAM,
  /** Quantiles, which cannot be added up, with a sum and a count. */
  SUMMARY,
  /** A constant 1 with labels. */
  INFO,
  /** States of which some are 1. */
  STATESET;

  private static final MetricType[] ALL = values();

  /** The type of a number on the wire; an unknown one says nothing. */
  static MetricType of(int number) {
    return number >= 0 && number < ALL.length ? ALL[number] : UNSPECIFIED;
  }
}
