package io.canaryjudge.server.store;

import io.canaryjudge.analysis.verdict.RunState;
import java.util.Set;

/**
 * Which runs to list.
 *
 * @param service only runs of this service; empty for all
 * @param states only runs in these states; empty for all
 */
public record RunFilter(String service, Set<RunState> states) {

  /** Every run. */
  public static final RunFilter ALL = new RunFilter("", Set.of());

  /** Copies the states. */
  public RunFilter {
    states = Set.copyOf(states);
  }
}
