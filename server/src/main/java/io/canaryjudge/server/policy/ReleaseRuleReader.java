package io.canaryjudge.server.policy;

import io.canaryjudge.analysis.policy.DeploymentWindow;
import io.canaryjudge.analysis.policy.Freeze;
import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.policy.RequiredGo;
import java.time.DayOfWeek;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads when and after what GO may be said. */
final class ReleaseRuleReader {

  private static final Pattern TIME = Pattern.compile("([01]\\d|2[0-4]):([0-5]\\d)");
  private static final String MOMENT = "a time with its offset, such as 2026-12-20T18:00:00+01:00";

  private ReleaseRuleReader() {}

  static ReleaseRules rules(Fields fields) {
    return new ReleaseRules(
        fields.object("require_go_in").map(ReleaseRuleReader::requiredGo),
        fields.objects("deployment_windows", ReleaseRuleReader::window),
        fields.objects("freezes", ReleaseRuleReader::freeze));
  }

  private static RequiredGo requiredGo(Fields fields) {
    RequiredGo go =
        new RequiredGo(
            fields.requiredText("environment"),
            fields.duration("max_age", 0),
            fields.flag("accept_override"));
    fields.refuseUnknown();
    return go;
  }

  private static DeploymentWindow window(Fields fields) {
    DeploymentWindow window =
        new DeploymentWindow(
            days(fields),
            minute(fields, "opens"),
            minute(fields, "closes"),
            fields.text("time_zone", "UTC"));
    fields.refuseUnknown();
    return window;
  }

  private static Set<DayOfWeek> days(Fields fields) {
    List<DayOfWeek> days = fields.choices("days", DayOfWeek.class);
    return days.isEmpty() ? EnumSet.allOf(DayOfWeek.class) : EnumSet.copyOf(days);
  }

  private static int minute(Fields fields, String key) {
    Matcher time = TIME.matcher(fields.requiredText(key));
    if (!time.matches()) {
      if (fields.isReadable(key)) {
        fields.refuse(key, "a time of day such as 09:30");
      }
      return 0;
    }
    return 60 * Integer.parseInt(time.group(1)) + Integer.parseInt(time.group(2));
  }

  private static Freeze freeze(Fields fields) {
    Freeze freeze =
        new Freeze(
            moment(fields, "start_time", 0),
            moment(fields, "end_time", Long.MAX_VALUE),
            fields.requiredText("reason"));
    fields.refuseUnknown();
    return freeze;
  }

  private static long moment(Fields fields, String key, long standIn) {
    try {
      return OffsetDateTime.parse(fields.requiredText(key)).toInstant().toEpochMilli();
    } catch (DateTimeParseException _) {
      if (fields.isReadable(key)) {
        fields.refuse(key, MOMENT);
      }
      return standIn;
    }
  }
}
