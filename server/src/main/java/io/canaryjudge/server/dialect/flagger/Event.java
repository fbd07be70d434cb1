package io.canaryjudge.server.dialect.flagger;

import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an event of Flagger says to a run. Its webhooks carry neither weights nor outcomes, so they
 * are read from the texts of its events (pkg/controller/scheduler.go).
 *
 * @param weight the canary's share of traffic from now on, in percent; empty if it says nothing of
 *     it
 * @param rolledBack whether the canary was taken out of traffic
 */
record Event(OptionalDouble weight, boolean rolledBack) {

  /** {@code Advance podinfo.test canary weight 10}. */
  private static final Pattern ADVANCE =
      Pattern.compile("Advance \\S+ canary weight ([0-9]{1,3})(?:\\D.*)?");

  /** {@code Rolling back podinfo.test failed checks threshold reached 5}. */
  private static final Pattern ROLLING_BACK = Pattern.compile("Rolling back \\S+ .*");

  static Event of(Webhook webhook) {
    String text = webhook.metadata("eventMessage", "");
    Matcher advance = ADVANCE.matcher(text);
    if (advance.matches() && Integer.parseInt(advance.group(1)) <= 100) {
      return new Event(OptionalDouble.of(Integer.parseInt(advance.group(1))), false);
    }
    return new Event(OptionalDouble.empty(), ROLLING_BACK.matcher(text).matches());
  }
}
