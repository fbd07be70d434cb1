package io.canaryjudge.analysis.verdict;

/** Why a decision, or why not yet. A constant that tools may branch on. */
public enum Reason {
  /** Every tolerance is kept: the evidence excludes each harm. */
  WITHIN_TOLERANCE,

  /** The evidence excludes that the canary is within tolerance. */
  BEYOND_TOLERANCE,

  /** No single threshold is beyond its own line, but all evidence of harm together is. */
  JOINTLY_BEYOND_TOLERANCE,

  /** A regression that began, or was proven, after GO. */
  LATE,

  /** An arm has sent nothing that can be judged yet. */
  NO_SAMPLES,

  /** The canary fell silent while the baseline was not. */
  NO_DATA,

  /** Every instance of an arm is still warming up. */
  WARMING_UP,

  /** The evidence is still between the lines. */
  COLLECTING,

  /** The present step has not lasted for the minimum time. */
  MINIMUM_TIME,

  /** The canary was seen in too few of the minutes in which the baseline was. */
  LOW_COVERAGE,

  /** The split of requests between the arms is not the planned one. */
  SAMPLE_RATIO,

  /** Both arms carried the very same data, as if one series fed both: nothing was compared. */
  IDENTICAL_ARMS,

  /** The buckets of the histograms are too coarse for the threshold. */
  RESOLUTION,

  /** NO_GO evidence was interpolated within a coarse bucket. */
  RESOLUTION_APPROX,

  /**
   * One instance drives the evidence: without tempering for differences between instances the
   * canary would be beyond tolerance, with it not. A bad version or a bad host.
   */
  HETEROGENEOUS,

  /** Too few harmful events for NO_GO. */
  MINIMUM_EVENTS,

  /** A required check was not reported yet. */
  CHECK_PENDING,

  /** A required check failed. */
  CHECK_FAILED,

  /**
   * A required check did not pass in time: by its deadline, or before the step it is needed for.
   */
  CHECK_EXPIRED,

  /** The artifact has not got GO in the environment that comes before. */
  EARLIER_GO,

  /** Outside every deployment window, or within a freeze. */
  DEPLOYMENT_WINDOW,

  /** The deadline passed with the evidence between the lines. */
  DEADLINE,

  /** The recorded samples ended with the evidence between the lines. */
  DATA_ENDED,

  /** The run was cancelled. */
  CANCELLED
}
