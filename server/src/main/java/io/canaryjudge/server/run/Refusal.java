package io.canaryjudge.server.run;

import java.util.Locale;

/** Why a sample is refused. */
public enum Refusal {
  /** The series was not declared on this stream. */
  UNKNOWN_SERIES,

  /** The series was declared with a metric that the policy does not have. */
  UNKNOWN_METRIC,

  /** The series was declared with an unspecified or unknown arm. */
  UNKNOWN_ARM,

  /** The series was declared with another unit than the policy's. */
  WRONG_UNIT,

  /** The sample is not of the kind that the metric has. */
  WRONG_KIND,

  /** A value is NaN or infinite. */
  NOT_FINITE,

  /** A value or a count is negative. */
  NEGATIVE,

  /** More failures than trials. */
  FAILURES_ABOVE_TOTAL,

  /** Bounds that do not increase, counts that do not fit the bounds, or an impossible scale. */
  BAD_HISTOGRAM,

  /** No value at all, or two forms at once. */
  MALFORMED,

  /** Its window is sealed. */
  LATE,

  /** Before the start of the run. */
  BEFORE_START,

  /** Too far ahead of the clock, or of the greatest duration of the run. */
  IN_FUTURE,

  /** More values, buckets, instances, series or histogram layouts than the limits allow. */
  LIMIT,

  /** The declaration of the series is malformed. */
  BAD_SERIES,

  /** The run took no more samples when it came. Its batch is not acknowledged. */
  RUN_CLOSED,

  /** Its stream ended before its batch could be taken. The batch is not acknowledged. */
  STREAM_ENDED;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name for metrics and logs. */
  public String label() {
    return label;
  }
}
