package io.canaryjudge.analysis.policy;

import java.time.DayOfWeek;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * A time of the week in which GO may be said.
 *
 * @param days on which it opens; at least one
 * @param opensMinute when it opens, in minutes after midnight, in [0, 1440)
 * @param closesMinute when it closes, in (0, 1440]; on the next day if that is not later
 * @param timeZone IANA name of the zone of both, such as {@code Europe/Berlin}
 */
public record DeploymentWindow(
    Set<DayOfWeek> days, int opensMinute, int closesMinute, String timeZone) {

  /** Copies the days. */
  public DeploymentWindow {
    EnumSet<DayOfWeek> inOrder = EnumSet.noneOf(DayOfWeek.class);
    inOrder.addAll(days);
    days = Collections.unmodifiableSet(inOrder);
  }
}
