package io.canaryjudge.analysis.policy;

/**
 * A yes/no signal from outside that GO waits for.
 *
 * @param name name, as reports use it: {@code [a-z][a-z0-9-]{0,62}}
 * @param failureIsNoGo whether a failed report ends the run NO_GO at once; otherwise it only
 *     withholds GO
 * @param expiryIsNoGo whether the same holds if it expires
 * @param beforeStep index of the step that it has to have passed before; {@link #NO_STEP} if it is
 *     only needed for GO. A step that is reported before that makes it expire
 * @param deadlineMillis how long it may take to pass, counted in sealed windows, before it expires;
 *     0 means for as long as the run takes; at most 31 days
 * @param deadlineFrom from when that is counted
 */
public record RequiredCheck(
    String name,
    boolean failureIsNoGo,
    boolean expiryIsNoGo,
    int beforeStep,
    long deadlineMillis,
    DeadlineFrom deadlineFrom) {

  /** As {@link #beforeStep}: of a check that is needed before no step in particular. */
  public static final int NO_STEP = -1;

  /** A check that is needed for GO, and may take as long as the run. */
  public RequiredCheck(String name, boolean failureIsNoGo) {
    this(name, failureIsNoGo, false, NO_STEP, 0, DeadlineFrom.RUN);
  }
}
