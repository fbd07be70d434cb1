package io.canaryjudge.analysis.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What makes one metric acceptable.
 *
 * @param name name, as samples use it: {@code [a-z][a-z0-9_.]{0,62}}
 * @param kind what its samples are
 * @param unit UCUM unit of its values, {@code s}, {@code By}, {@code 1}; 1 to 32 printable ASCII
 *     characters
 * @param harmfulDirection which change does harm
 * @param role whether it decides
 * @param weight share of alpha that it gets, relative to the other metrics that decide; above 0
 * @param duringWarmUp whether instances that are warming up are judged too; meant for limits that
 *     only a disaster exceeds
 * @param minimumEvents harmful canary events (failures, values beyond the threshold) below which a
 *     proportion does not lead to NO_GO; at least 0
 * @param thresholds 1 to 8 thresholds
 * @param sources where its samples come from when a service's own telemetry is judged, each beside
 *     the others; at most 8. None mean the series that are recognised by their names
 * @param strata how it is split into strata; null if all of its samples are one
 */
public record MetricPolicy(
    String name,
    MetricKind kind,
    String unit,
    HarmfulDirection harmfulDirection,
    MetricRole role,
    double weight,
    boolean duringWarmUp,
    int minimumEvents,
    List<Threshold> thresholds,
    List<MetricSource> sources,
    @Nullable StrataPolicy strata) {

  /** Copies the lists. */
  public MetricPolicy {
    thresholds = List.copyOf(thresholds);
    sources = List.copyOf(sources);
  }

  /** The same, split into strata. */
  public MetricPolicy split(@Nullable StrataPolicy otherStrata) {
    return new MetricPolicy(
        name,
        kind,
        unit,
        harmfulDirection,
        role,
        weight,
        duringWarmUp,
        minimumEvents,
        thresholds,
        sources,
        otherStrata);
  }

  /**
   * Names each component, and {@code strata} only where there are some: checkpoints know their
   * policy by this text, and those from before there were strata have to be read.
   */
  @Override
  public String toString() {
    return "MetricPolicy[name="
        + name
        + ", kind="
        + kind
        + ", unit="
        + unit
        + ", harmfulDirection="
        + harmfulDirection
        + ", role="
        + role
        + ", weight="
        + weight
        + ", duringWarmUp="
        + duringWarmUp
        + ", minimumEvents="
        + minimumEvents
        + ", thresholds="
        + thresholds
        + ", sources="
        + sources
        + (strata == null ? "" : ", strata=" + strata)
        + "]";
  }
}
