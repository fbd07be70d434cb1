package io.canaryjudge.analysis.verdict;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A decision with its reasons, as of one moment of a run.
 *
 * @param revision position in the run's log of the entry that this verdict follows, from 1; 0
 *     before any
 * @param state where the run is in its life
 * @param judgedDecision what the evidence says
 * @param reason why
 * @param override a person's decision in place of it, if any
 * @param sealedWindows how many windows it covers
 * @param sealedThroughMillis end of the last window it covers, epoch milliseconds
 * @param step index of the present step, from 0; -1 if none was reported
 * @param weight the canary's share of traffic at that step, in percent; NaN if none was reported
 * @param logHarmEvidence natural logarithm of the weighted mean of all e-values of harm
 * @param harmLine line at which it means NO_GO: ln(1 + 1/alpha)
 * @param expectedMillis about how long until a decision at the present rate of evidence; empty if
 *     unknown
 * @param metrics in the order of the policy
 * @param checks required checks in the order of the policy, then others by name
 * @param caveats how far the stated bounds reach
 * @param open whether samples are still taken: until a decision, and after GO for as long as the
 *     policy watches
 */
public record Verdict(
    long revision,
    RunState state,
    Decision judgedDecision,
    Reason reason,
    @Nullable HumanOverride override,
    long sealedWindows,
    long sealedThroughMillis,
    int step,
    double weight,
    double logHarmEvidence,
    double harmLine,
    OptionalLong expectedMillis,
    List<MetricVerdict> metrics,
    List<CheckVerdict> checks,
    Set<Caveat> caveats,
    boolean open) {

  /** Copies the collections. */
  public Verdict {
    metrics = List.copyOf(metrics);
    checks = List.copyOf(checks);
    EnumSet<Caveat> inOrder = EnumSet.noneOf(Caveat.class);
    inOrder.addAll(caveats);
    caveats = Collections.unmodifiableSet(inOrder);
  }

  /**
   * Names of the required checks that have not passed and that the next step waits for: a deploy
   * tool should not go there before they have.
   */
  public List<String> checksBeforeNextStep() {
    return checks.stream()
        .filter(check -> check.required() && check.outcome() != CheckOutcome.PASSED)
        .filter(check -> check.beforeStep() >= 0 && check.beforeStep() <= step + 1)
        .map(CheckVerdict::name)
        .toList();
  }

  /** What to do: the person's decision if there is one, else the judged one. */
  public Decision decision() {
    return override == null ? judgedDecision : override.decision();
  }
}
