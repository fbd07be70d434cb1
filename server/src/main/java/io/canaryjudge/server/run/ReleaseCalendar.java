package io.canaryjudge.server.run;

import io.canaryjudge.analysis.policy.DeploymentWindow;
import io.canaryjudge.analysis.policy.Freeze;
import io.canaryjudge.analysis.policy.ReleaseRules;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * When the deployment windows of a policy are open. Pure: the time is an argument. Time-zone rules
 * are those of the running Java; what was concluded from them is written into the log of the run,
 * so a replay does not ask again.
 */
final class ReleaseCalendar {
  /** A week, a day that was missed by a change of the clock, and one at either end. */
  private static final int DAYS_AHEAD = 9;

  /** How many times closed windows and freezes may follow each other before this gives up. */
  private static final int MAX_HOPS = 200;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mmXXX", Locale.ROOT);

  private final ReleaseRules rules;

  ReleaseCalendar(ReleaseRules rules) {
    this.rules = rules;
  }

  /**
   * What holds at a moment.
   *
   * @param open whether GO may be said
   * @param words why and until when, for people
   * @param untilMillis up to when this holds without another look, epoch milliseconds
   */
  record State(boolean open, String words, long untilMillis) {}

  /** What holds at a moment, epoch milliseconds. */
  State at(long millis) {
    long until = nextChange(millis);
    @Nullable Freeze freeze = freezeAt(millis);
    if (freeze == null && windowIsOpen(millis)) {
      return new State(true, "A deployment window is open.", until);
    }
    String why = freeze == null ? "Outside the deployment windows" : "Freeze: " + freeze.reason();
    OptionalLong opens = opens(millis);
    return new State(
        false,
        why + (opens.isPresent() ? "; opens " + text(opens.getAsLong()) + "." : "; never opens."),
        until);
  }

  /** When GO may be said next; empty if that is not in sight. */
  OptionalLong opens(long millis) {
    long at = millis;
    for (int hop = 0; hop < MAX_HOPS; hop++) {
      @Nullable Freeze freeze = freezeAt(at);
      if (freeze != null) {
        at = freeze.endMillis();
      } else if (windowIsOpen(at)) {
        return OptionalLong.of(at);
      } else {
        long next = nextOpening(at);
        if (next == Long.MAX_VALUE) {
          return OptionalLong.empty();
        }
        at = next;
      }
    }
    return OptionalLong.empty();
  }

  private @Nullable Freeze freezeAt(long millis) {
    @Nullable Freeze longest = null;
    for (Freeze freeze : rules.freezes()) {
      if (millis >= freeze.startMillis()
          && millis < freeze.endMillis()
          && (longest == null || freeze.endMillis() > longest.endMillis())) {
        longest = freeze;
      }
    }
    return longest;
  }

  private boolean windowIsOpen(long millis) {
    if (rules.windows().isEmpty()) {
      return true;
    }
    for (DeploymentWindow window : rules.windows()) {
      LocalDate today = dateAt(window, millis);
      // It may have opened yesterday, and be open past midnight.
      for (LocalDate day : new LocalDate[] {today.minusDays(1), today}) {
        if (window.days().contains(day.getDayOfWeek())
            && millis >= opening(window, day)
            && millis < closing(window, day)) {
          return true;
        }
      }
    }
    return false;
  }

  private long nextOpening(long millis) {
    long next = Long.MAX_VALUE;
    for (DeploymentWindow window : rules.windows()) {
      LocalDate today = dateAt(window, millis);
      for (int ahead = 0; ahead <= DAYS_AHEAD; ahead++) {
        LocalDate day = today.plusDays(ahead);
        long opening = opening(window, day);
        if (window.days().contains(day.getDayOfWeek()) && opening > millis) {
          next = Math.min(next, opening);
        }
      }
    }
    return next;
  }

  /** The first moment after this one at which anything opens or closes. */
  private long nextChange(long millis) {
    long next = nextOpening(millis);
    for (DeploymentWindow window : rules.windows()) {
      LocalDate today = dateAt(window, millis);
      for (int ahead = -1; ahead <= 1; ahead++) {
        long closing = closing(window, today.plusDays(ahead));
        next = closing > millis ? Math.min(next, closing) : next;
      }
    }
    for (Freeze freeze : rules.freezes()) {
      next = freeze.startMillis() > millis ? Math.min(next, freeze.startMillis()) : next;
      next = freeze.endMillis() > millis ? Math.min(next, freeze.endMillis()) : next;
    }
    return next;
  }

  private static LocalDate dateAt(DeploymentWindow window, long millis) {
    return Instant.ofEpochMilli(millis).atZone(zone(window)).toLocalDate();
  }

  private static long opening(DeploymentWindow window, LocalDate day) {
    return moment(window, day, window.opensMinute());
  }

  private static long closing(DeploymentWindow window, LocalDate day) {
    boolean sameDay = window.closesMinute() > window.opensMinute();
    return moment(window, sameDay ? day : day.plusDays(1), window.closesMinute());
  }

  /** A time of the clock on the wall; one that is skipped there in spring is that much later. */
  private static long moment(DeploymentWindow window, LocalDate day, int minute) {
    return ZonedDateTime.of(day.atStartOfDay().plusMinutes(minute), zone(window))
        .toInstant()
        .toEpochMilli();
  }

  private static ZoneId zone(DeploymentWindow window) {
    return ZoneId.of(window.timeZone());
  }

  /** In the zone of the first window, since that is whose clock people look at. */
  private String text(long millis) {
    ZoneId zone = rules.windows().isEmpty() ? ZoneId.of("UTC") : zone(rules.windows().getFirst());
    return TIME.format(Instant.ofEpochMilli(millis).atZone(zone));
  }
}
