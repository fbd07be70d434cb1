package io.canaryjudge.analysis.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * When and after what a release may get GO, whatever the evidence. Facts that the server knows and
 * the evidence does not: it reports them into the log of a run as checks with names of its own.
 *
 * @param requiredGo in which environment GO has to have been said before
 * @param windows the only times in which GO may be said; none means at any time. At most 32
 * @param freezes times in which it may not; at most 64
 */
public record ReleaseRules(
    Optional<RequiredGo> requiredGo, List<DeploymentWindow> windows, List<Freeze> freezes) {

  /** No rules. */
  public static final ReleaseRules NONE = new ReleaseRules(Optional.empty(), List.of(), List.of());

  /** Begins the names of checks that only the server reports. */
  public static final String RESERVED_PREFIX = "judge-";

  /** The check that has passed once the artifact got GO in the earlier environment. */
  public static final String EARLIER_GO = RESERVED_PREFIX + "earlier-go";

  /** The check that has passed while a deployment window is open and there is no freeze. */
  public static final String DEPLOYMENT_WINDOW = RESERVED_PREFIX + "deployment-window";

  /** Copies the lists. */
  public ReleaseRules {
    windows = List.copyOf(windows);
    freezes = List.copyOf(freezes);
  }

  /** Whether GO depends on the time. */
  public boolean timed() {
    return !windows.isEmpty() || !freezes.isEmpty();
  }

  /** The checks that stand for the rules; each withholds GO until the server reports it passed. */
  public List<RequiredCheck> checks() {
    List<RequiredCheck> checks = new ArrayList<>();
    if (requiredGo.isPresent()) {
      checks.add(new RequiredCheck(EARLIER_GO, false));
    }
    if (timed()) {
      checks.add(new RequiredCheck(DEPLOYMENT_WINDOW, false));
    }
    return checks;
  }
}
