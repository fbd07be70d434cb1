package io.canaryjudge.analysis.policy;

/**
 * How a metric is split into strata: parts of the traffic with rates of their own, such as routes
 * or zones, in each of which the arms are compared by themselves.
 *
 * @param label label of a service's own telemetry whose value names the stratum, in the spelling of
 *     OpenTelemetry or of Prometheus; at most 200 characters. Empty if only samples that name their
 *     stratum themselves are split
 * @param limit strata that are told apart; those that appear later are pooled. 1 to 32
 */
public record StrataPolicy(String label, int limit) {

  /** Strata that are told apart unless a policy says otherwise. */
  public static final int DEFAULT_LIMIT = 16;

  /** The most strata that a policy may ask for. */
  public static final int MAX_LIMIT = 32;

  /** Stands for the strata beyond the limit, and for samples without one. */
  public static final String REST = "(other)";
}
