package io.canaryjudge.analysis.aggregate;

import io.canaryjudge.analysis.policy.MetricKind;

/**
 * What one instance reported of one metric in one window.
 *
 * <p>Aggregates of the same kind form a commutative monoid under {@link #merge}: the order and the
 * grouping of merges do not matter, and an empty aggregate changes nothing. They are mutable and
 * have a single owner; nothing here is synchronised.
 */
public sealed interface Aggregate permits ProportionAggregate, DistributionAggregate {
  /** The most that one aggregate can count: small enough for a double to hold every sum exactly. */
  long MAX_COUNT = 1_000_000_000_000_000L;

  /** The kind of metric whose samples this holds. */
  MetricKind kind();

  /**
   * Adds everything that {@code other} holds; {@code other} is left as it is.
   *
   * @throws IllegalArgumentException if {@code other} is of another kind, or the sum would pass a
   *     bound of this aggregate; this aggregate is unchanged then
   */
  void merge(Aggregate other);

  /** Whether nothing has been counted. */
  boolean isEmpty();

  /** An independent aggregate with the same content. */
  Aggregate copy();

  /** About how much memory this needs, in bytes: for an owner who bounds that of many. */
  long heapBytes();

  /**
   * How likely just these outcomes are, at most, for as many independent requests, whatever their
   * probabilities: natural logarithm, at most 0. It is 0 if all came out the same way, as without
   * any failure or with all values in one cell.
   */
  double logChance();

  /** An aggregate of the given kind that holds nothing. */
  static Aggregate empty(MetricKind kind) {
    return switch (kind) {
      case PROPORTION -> new ProportionAggregate();
      case DISTRIBUTION -> new DistributionAggregate();
    };
  }
}
