package io.canaryjudge.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.policy.DeploymentWindow;
import io.canaryjudge.analysis.policy.Freeze;
import io.canaryjudge.analysis.policy.ReleaseRules;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When deployment windows are open. 2026-03-29 is when clocks in Berlin go forward. */
class ReleaseCalendarTest {

  private static final Set<DayOfWeek> WORKDAYS = EnumSet.range(DayOfWeek.MONDAY, DayOfWeek.FRIDAY);

  private static ReleaseCalendar of(List<DeploymentWindow> windows, Freeze... freezes) {
    return new ReleaseCalendar(new ReleaseRules(Optional.empty(), windows, List.of(freezes)));
  }

  private static DeploymentWindow window(Set<DayOfWeek> days, int opens, int closes, String zone) {
    return new DeploymentWindow(days, opens, closes, zone);
  }

  private static long at(String text) {
    return OffsetDateTime.parse(text).toInstant().toEpochMilli();
  }

  private static Freeze freeze(String from, String to) {
    return new Freeze(at(from), at(to), "end of the year");
  }

  @Test
  void officeHoursInTheirZone() {
    ReleaseCalendar calendar = of(List.of(window(WORKDAYS, 540, 1020, "Europe/Berlin")));
    long nine = at("2026-11-23T09:00:00+01:00"); // a Monday
    assertThat(calendar.at(nine - 1).open()).isFalse();
    assertThat(calendar.at(nine - 1).untilMillis()).isEqualTo(nine);
    assertThat(calendar.at(nine - 1).words())
        .isEqualTo("Outside the deployment windows; opens 2026-11-23T09:00+01:00.");
    assertThat(calendar.at(nine).open()).isTrue();
    long five = at("2026-11-23T17:00:00+01:00");
    assertThat(calendar.at(nine).untilMillis()).isEqualTo(five);
    assertThat(calendar.at(five).open()).isFalse();
    assertThat(calendar.opens(at("2026-11-27T17:00:00+01:00")))
        .as("after Friday")
        .hasValue(at("2026-11-30T09:00:00+01:00"));
  }

  @Test
  void aWindowMayGoPastMidnight() {
    ReleaseCalendar calendar =
        of(List.of(window(EnumSet.of(DayOfWeek.FRIDAY), 22 * 60, 4 * 60, "UTC")));
    assertThat(calendar.at(at("2026-11-27T21:59:59Z")).open()).isFalse();
    assertThat(calendar.at(at("2026-11-27T23:00:00Z")).open()).isTrue();
    assertThat(calendar.at(at("2026-11-28T03:59:59Z")).open()).isTrue();
    assertThat(calendar.at(at("2026-11-28T04:00:00Z")).open()).isFalse();
    assertThat(calendar.at(at("2026-11-27T03:00:00Z")).open()).as("after Thursday").isFalse();
  }

  @Test
  void midnightIsTheEndOfTheDay() {
    ReleaseCalendar calendar = of(List.of(window(EnumSet.of(DayOfWeek.MONDAY), 0, 1440, "UTC")));
    assertThat(calendar.at(at("2026-11-23T00:00:00Z")).open()).isTrue();
    assertThat(calendar.at(at("2026-11-23T23:59:59Z")).open()).isTrue();
    assertThat(calendar.at(at("2026-11-24T00:00:00Z")).open()).isFalse();
  }

  @Test
  void theWallClockRulesWhenClocksChange() {
    ReleaseCalendar calendar =
        of(List.of(window(EnumSet.of(DayOfWeek.SUNDAY), 150, 300, "Europe/Berlin")));
    // 02:30 is skipped: it is 03:30 in summer time then.
    assertThat(calendar.opens(at("2026-03-29T00:00:00+01:00")))
        .hasValue(at("2026-03-29T03:30:00+02:00"));
    assertThat(calendar.at(at("2026-03-29T04:59:00+02:00")).open()).isTrue();
    assertThat(calendar.at(at("2026-03-29T05:00:00+02:00")).open()).isFalse();
  }

  @Test
  void freezesGoBeforeWindowsAndFollowEachOther() {
    ReleaseCalendar calendar =
        of(
            List.of(window(WORKDAYS, 540, 1020, "UTC")),
            freeze("2026-12-21T10:00:00Z", "2026-12-24T00:00:00Z"),
            freeze("2026-12-23T00:00:00Z", "2027-01-02T12:00:00Z"));
    ReleaseCalendar.State frozen = calendar.at(at("2026-12-21T10:00:00Z"));
    assertThat(frozen.open()).isFalse();
    // The second of January is a Saturday.
    assertThat(frozen.words()).isEqualTo("Freeze: end of the year; opens 2027-01-04T09:00Z.");
    assertThat(calendar.at(at("2026-12-21T09:30:00Z")).untilMillis())
        .isEqualTo(at("2026-12-21T10:00:00Z"));
  }

  @Test
  void aFreezeAloneLeavesAllOtherTimes() {
    ReleaseCalendar calendar =
        of(List.of(), freeze("2026-12-21T00:00:00Z", "2026-12-22T00:00:00Z"));
    assertThat(calendar.at(at("2026-12-20T00:00:00Z")).open()).isTrue();
    assertThat(calendar.at(at("2026-12-21T12:00:00Z")).words())
        .isEqualTo("Freeze: end of the year; opens 2026-12-22T00:00Z.");
    assertThat(calendar.at(at("2026-12-22T00:00:00Z")).open()).isTrue();
    assertThat(calendar.at(at("2026-12-23T00:00:00Z")).untilMillis()).isEqualTo(Long.MAX_VALUE);
  }

  /** Looking at each minute of two weeks says the same as trusting {@code untilMillis}. */
  @Test
  void nothingChangesBeforeItIsLookedAtAgain() {
    ReleaseCalendar calendar =
        of(
            List.of(
                window(WORKDAYS, 540, 1020, "Europe/Berlin"),
                window(EnumSet.of(DayOfWeek.SATURDAY), 1300, 200, "America/New_York")),
            freeze("2026-03-25T11:00:00Z", "2026-03-26T09:00:00Z"));
    long from = Instant.parse("2026-03-20T00:00:00Z").toEpochMilli();
    ReleaseCalendar.State state = calendar.at(from);
    for (long now = from; now < from + 14L * 86_400_000; now += 60_000) {
      if (now >= state.untilMillis()) {
        state = calendar.at(now);
      }
      assertThat(calendar.at(now)).isEqualTo(state);
    }
  }
}
