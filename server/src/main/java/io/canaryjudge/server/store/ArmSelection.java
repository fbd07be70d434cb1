package io.canaryjudge.server.store;

import io.canaryjudge.analysis.policy.LabelMatcher;
import java.util.List;

/**
 * Which series of a service's own telemetry belong to the arms of a run: by one label that has
 * another value in each arm, or by two selectors.
 *
 * @param scope a series of either arm has to match all of them; none mean that the service's name
 *     is found under one of the usual labels
 * @param label the label that tells the arms apart; empty for the usual ones of a version
 * @param baselineValue its value in the baseline arm, in the form of {@link LabelMatcher#values};
 *     empty for the run's version
 * @param canaryValue its value in the canary arm, likewise
 * @param baseline instead of the three before: a series of the baseline arm has to match all of
 *     them. There are some exactly if there are some for the canary
 * @param canary the same for the canary arm
 * @param instanceLabel the label that tells the instances of an arm apart; empty for the usual ones
 */
public record ArmSelection(
    List<LabelMatcher> scope,
    String label,
    String baselineValue,
    String canaryValue,
    List<LabelMatcher> baseline,
    List<LabelMatcher> canary,
    String instanceLabel) {

  /** The usual labels, with the service and the versions of the run. */
  public static final ArmSelection DEFAULT =
      new ArmSelection(List.of(), "", "", "", List.of(), List.of(), "");

  /** Copies the lists. */
  public ArmSelection {
    scope = List.copyOf(scope);
    baseline = List.copyOf(baseline);
    canary = List.copyOf(canary);
  }

  /** Whether the arms are told apart by two selectors, and not by one label. */
  public boolean bySelectors() {
    return !baseline.isEmpty() || !canary.isEmpty();
  }
}
