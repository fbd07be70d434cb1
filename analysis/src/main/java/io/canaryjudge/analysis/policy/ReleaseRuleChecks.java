package io.canaryjudge.analysis.policy;

import java.time.ZoneId;
import java.util.List;
import java.util.Set;

/** What makes {@link ReleaseRules} valid. */
final class ReleaseRuleChecks {
  private static final int MAX_WINDOWS = 32;
  private static final int MAX_FREEZES = 64;
  private static final int MAX_REASON = 200;
  private static final int DAY = 24 * 60;
  private static final Set<String> ZONES = ZoneId.getAvailableZoneIds();

  private final Violations violations;

  ReleaseRuleChecks(Violations violations) {
    this.violations = violations;
  }

  void check(ReleaseRules rules) {
    rules
        .requiredGo()
        .ifPresent(
            go -> {
              violations.name("require_go_in.environment", go.environment(), PolicyValidator.NAME);
              violations.duration(
                  "require_go_in.max_age", go.maxAgeMillis(), 0, PolicyValidator.MAX_SPAN_MILLIS);
            });
    windows(rules.windows());
    freezes(rules.freezes());
  }

  private void windows(List<DeploymentWindow> windows) {
    violations.count("deployment_windows", windows.size(), 0, MAX_WINDOWS, "windows");
    for (int i = 0; i < windows.size(); i++) {
      DeploymentWindow window = windows.get(i);
      String path = "deployment_windows[" + i + "]";
      violations.require(
          !window.days().isEmpty(), path + ".days", "no days", "at least one, or unset for all");
      violations.require(
          window.opensMinute() >= 0 && window.opensMinute() < DAY,
          path + ".opens",
          time(window.opensMinute()),
          "00:00 to 23:59");
      violations.require(
          window.closesMinute() > 0
              && window.closesMinute() <= DAY
              && window.closesMinute() != window.opensMinute(),
          path + ".closes",
          time(window.closesMinute()),
          "00:01 to 24:00, and not when it opens");
      violations.require(
          ZONES.contains(window.timeZone()),
          path + ".time_zone",
          Violations.quote(window.timeZone()),
          "an IANA name such as Europe/Berlin or UTC");
    }
  }

  private void freezes(List<Freeze> freezes) {
    violations.count("freezes", freezes.size(), 0, MAX_FREEZES, "freezes");
    for (int i = 0; i < freezes.size(); i++) {
      Freeze freeze = freezes.get(i);
      String path = "freezes[" + i + "]";
      violations.require(
          freeze.endMillis() > freeze.startMillis(),
          path + ".end_time",
          freeze.endMillis() + " ms",
          "later than start_time (" + freeze.startMillis() + " ms)");
      violations.require(
          !freeze.reason().isEmpty()
              && freeze.reason().length() <= MAX_REASON
              && freeze.reason().codePoints().allMatch(Violations::isPrintable),
          path + ".reason",
          freeze.reason().isEmpty() ? "missing" : freeze.reason().length() + " characters",
          "1 to " + MAX_REASON + " printable characters");
    }
  }

  private static String time(int minute) {
    return minute / 60 + ":" + minute % 60;
  }
}
