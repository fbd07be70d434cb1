package io.canaryjudge.client;

import io.canaryjudge.proto.v1.ExplicitHistogram;
import io.canaryjudge.proto.v1.ExponentialHistogram;
import java.util.List;

/** A sample that was recorded earlier, for a run over records. The judge checks its numbers. */
public sealed interface RecordedSample {

  /** What it is of. */
  SeriesSpec series();

  /** When it was observed, or when its interval began: epoch milliseconds. */
  long timeMillis();

  /**
   * Trials and failures.
   *
   * @param series what it is of
   * @param timeMillis when
   * @param total trials
   * @param failures failures among them
   */
  record Proportion(SeriesSpec series, long timeMillis, long total, long failures)
      implements RecordedSample {}

  /**
   * Raw values; at most 10,000.
   *
   * @param series what it is of
   * @param timeMillis when
   * @param values in the metric's unit
   */
  record Values(SeriesSpec series, long timeMillis, List<Double> values) implements RecordedSample {

    /** Copies the list. */
    public Values {
      values = List.copyOf(values);
    }
  }

  /**
   * A histogram with exponential buckets.
   *
   * @param series what it is of
   * @param timeMillis when
   * @param histogram the values
   */
  record Exponential(SeriesSpec series, long timeMillis, ExponentialHistogram histogram)
      implements RecordedSample {}

  /**
   * A histogram with explicit buckets.
   *
   * @param series what it is of
   * @param timeMillis when
   * @param histogram the values
   */
  record Explicit(SeriesSpec series, long timeMillis, ExplicitHistogram histogram)
      implements RecordedSample {}
}
