package io.canaryjudge.server.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.policy.DeadlineFrom;
import io.canaryjudge.analysis.policy.DeploymentWindow;
import io.canaryjudge.analysis.policy.Freeze;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.InconclusiveAction;
import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.policy.MetricSource;
import io.canaryjudge.analysis.policy.MissingDataAction;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.PolicySetting;
import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.policy.RequiredCheck;
import io.canaryjudge.analysis.policy.RequiredGo;
import io.canaryjudge.analysis.policy.StrataPolicy;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.analysis.policy.TrafficPlan;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyReaderTest {

  private static final String LEAST =
      """
      name: checkout
      alpha: 0.01
      beta: 0.05
      window: 5s
      metrics:
        - name: error_rate
          kind: proportion
          thresholds:
            - limit: 0.01
      """;

  private static List<String> violations(String text) {
    return PolicyReader.read(text).problems().stream().map(FieldViolation::toString).toList();
  }

  static String resource(String name) throws IOException {
    try (InputStream in = PolicyReaderTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void appliesTheDefaultsThatAreStatedInTheApi() {
    assertThat(PolicyReader.read(LEAST).orThrow())
        .isEqualTo(
            new Policy(
                "checkout",
                "",
                0.01,
                0.05,
                5_000,
                10_000,
                0,
                0,
                0,
                0,
                15_000,
                0.8,
                0,
                MissingDataAction.NO_GO,
                InconclusiveAction.HOLD,
                List.of(
                    new MetricPolicy(
                        "error_rate",
                        MetricKind.PROPORTION,
                        "1",
                        HarmfulDirection.INCREASE,
                        MetricRole.DECIDES,
                        1,
                        false,
                        5,
                        List.of(
                            new Threshold(
                                OptionalDouble.empty(),
                                new Tolerance.Limit(0.01),
                                new Tolerance.Limit(0.01),
                                0)),
                        List.of(),
                        null)),
                List.of(),
                new TrafficPlan(List.of(), false),
                Set.of(),
                ReleaseRules.NONE));
  }

  @Test
  void someDefaultsDependOnTheWindow() {
    Policy minute = PolicyReader.read(LEAST.replace("5s", "1m")).orThrow();
    assertThat(minute.latenessMillis()).isEqualTo(120_000);
    assertThat(minute.burstGuardMillis()).isEqualTo(60_000);

    Policy hour = PolicyReader.read(LEAST.replace("5s", "1h")).orThrow();
    assertThat(hour.latenessMillis()).isEqualTo(3_600_000);
    assertThat(hour.burstGuardMillis()).isEqualTo(3_600_000);
  }

  @Test
  void readsEachKey() throws IOException {
    Tolerance tenPercent = new Tolerance.Change(0.1, 0, 0.002);

    assertThat(PolicyReader.read(resource("complete.yaml")).orThrow())
        .isEqualTo(
            new Policy(
                "complete",
                "Each key, none at its default.\n",
                0.02,
                0.1,
                10_000,
                30_000,
                120_000,
                600_000,
                5_400_000,
                900_000,
                45_000,
                0.9,
                0.25,
                MissingDataAction.INCONCLUSIVE,
                InconclusiveAction.ROLL_BACK,
                List.of(
                    new MetricPolicy(
                        "errors",
                        MetricKind.PROPORTION,
                        "{request}",
                        HarmfulDirection.INCREASE,
                        MetricRole.DECIDES,
                        2.5,
                        true,
                        10,
                        List.of(
                            new Threshold(
                                OptionalDouble.empty(),
                                new Tolerance.Limit(0.2),
                                new Tolerance.Limit(0.25),
                                300_000)),
                        List.of(
                            new MetricSource(
                                "http.server.request.duration",
                                List.of(
                                    new LabelMatcher("http.route", List.of("/cart", "/orders*"))),
                                List.of(
                                    new LabelMatcher(
                                        "http.response.status_code", List.of("5*", "429")),
                                    new LabelMatcher("error.type", List.of()))),
                            new MetricSource("", List.of(), List.of())),
                        new StrataPolicy("http.route", 8)),
                    new MetricPolicy(
                        "free.memory",
                        MetricKind.DISTRIBUTION,
                        "By",
                        HarmfulDirection.DECREASE,
                        MetricRole.WARNS,
                        1,
                        false,
                        5,
                        List.of(
                            new Threshold(
                                OptionalDouble.of(0.05),
                                tenPercent,
                                new Tolerance.Change(0.1, 1024, 0.002),
                                0),
                            new Threshold(
                                OptionalDouble.of(0.5),
                                new Tolerance.Change(0, 512, 0),
                                new Tolerance.Change(0.3, 512, 0),
                                0)),
                        List.of(),
                        null)),
                List.of(
                    new RequiredCheck("backup-verified", true),
                    new RequiredCheck("sign-off", false, true, 2, 7_200_000, DeadlineFrom.STEP)),
                new TrafficPlan(List.of(1.0, 12.5, 100.0), true),
                Set.of(PolicySetting.values()),
                new ReleaseRules(
                    Optional.of(new RequiredGo("staging", 604_800_000, true)),
                    List.of(
                        new DeploymentWindow(
                            Set.of(DayOfWeek.MONDAY, DayOfWeek.FRIDAY),
                            540,
                            1_440,
                            "Europe/Berlin")),
                    List.of(
                        new Freeze(
                            Instant.parse("2026-12-20T17:00:00Z").toEpochMilli(),
                            Instant.parse("2027-01-04T00:00:00Z").toEpochMilli(),
                            "end of the year")))));
  }

  @Test
  void tellsAllThatIsWrongWithReleaseRules() {
    assertThat(
            violations(
                LEAST
                    + """
                    require_go_in: {max_age: 745h}
                    deployment_windows:
                      - {days: [someday], opens: "9", closes: "24:30", time_zone: Berlin}
                      - {opens: "09:00", closes: "09:00"}
                    freezes:
                      - {start_time: "2026-12-20", end_time: "2026-12-20T00:00:00Z"}
                      - {start_time: "2026-12-20T00:00:00Z", end_time: "2026-12-20T00:00:00Z", reason: x}
                    """))
        .containsExactlyInAnyOrder(
            "deployment_windows[0].days[0]: \"someday\" (expected: one of monday, tuesday,"
                + " wednesday, thursday, friday, saturday, sunday)",
            "deployment_windows[0].opens: \"9\" (expected: a time of day such as 09:30)",
            "freezes[0].start_time: \"2026-12-20\" (expected: a time with its offset, such as"
                + " 2026-12-20T18:00:00+01:00)",
            "require_go_in.environment: missing (expected: [a-z][a-z0-9-]{0,62})",
            "require_go_in.max_age: 745h (expected: 0s to 744h)",
            "deployment_windows[0].closes: 24:30 (expected: 00:01 to 24:00, and not when it opens)",
            "deployment_windows[0].time_zone: \"Berlin\" (expected: an IANA name such as"
                + " Europe/Berlin or UTC)",
            "deployment_windows[1].closes: 9:0 (expected: 00:01 to 24:00, and not when it opens)",
            "freezes[0].reason: missing (expected: 1 to 200 printable characters)",
            "freezes[1].end_time: 1797724800000 ms (expected: later than start_time (1797724800000"
                + " ms))");
  }

  @Test
  void whatIsOnlySentIsNoViolation() {
    assertThat(violations(LEAST + "revision: 3\netag: abc\n")).isEmpty();
  }

  @Test
  void aZeroNeedsNoUnit() {
    assertThat(PolicyReader.read(LEAST + "warm_up: 0\n").orThrow().warmUpMillis()).isZero();
    assertThat(PolicyReader.read(LEAST + "warm_up: '0'\n").orThrow().warmUpMillis()).isZero();
  }

  /** The golden list for a file in which about everything is wrong. */
  @Test
  void tellsEverythingThatIsWrongAtOnce() throws IOException {
    assertThat(String.join("\n", violations(resource("terribly-wrong.yaml"))) + "\n")
        .isEqualTo(resource("terribly-wrong.violations.txt"));
  }

  static Stream<Arguments> oneWrongLine() {
    return Stream.of(
        Arguments.of("alpha: 0.01", "alpha: high", "alpha: \"high\" (expected: a number)"),
        Arguments.of("alpha: 0.01", "alpha:", "alpha: nothing (expected: a number)"),
        Arguments.of("alpha: 0.01", "alpha: 1%", "alpha: \"1%\" (expected: a number)"),
        Arguments.of("alpha: 0.01", "alpha: .nan", "alpha: \".nan\" (expected: a number)"),
        Arguments.of("alpha: 0.01", "alpha: 1e400", "alpha: Infinity (expected: in (0, 0.5])"),
        Arguments.of("alpha: 0.01", "", "alpha: missing (expected: in (0, 0.5])"),
        Arguments.of("window: 5s", "", "window: missing (expected: 1s to 1h, whole seconds)"),
        Arguments.of(
            "window: 5s",
            "window: 5",
            "window: 5 (expected: a duration such as 5s, 250ms, 10m or 1h30m, whole milliseconds)"),
        Arguments.of(
            "window: 5s",
            "window: 0.5ms",
            "window: \"0.5ms\" (expected: a duration such as 5s, 250ms, 10m or 1h30m, whole"
                + " milliseconds)"),
        Arguments.of("name: checkout", "", "name: missing (expected: [a-z][a-z0-9-]{0,62})"),
        Arguments.of("name: checkout", "name: 7", "name: 7 (expected: text)"),
        Arguments.of(
            "window: 5s", "window: 5s\nwarmUp: 1m", "warmUp: unknown key (expected: warm_up)"),
        Arguments.of("window: 5s", "window: 5s\nbeat: 0.1", "beat: unknown key (expected: beta)"),
        Arguments.of(
            "  - name",
            "  - treshold: 1\n    name",
            "metrics[0].treshold: unknown key (expected: thresholds)"),
        Arguments.of(
            "  - name",
            "  - zzz: 1\n    name",
            "metrics[0].zzz: unknown key (expected: one of name, kind, unit, harmful_direction,"
                + " role, weight, during_warm_up, minimum_events, thresholds, sources, strata)"),
        Arguments.of(
            "kind: proportion",
            "kind: Proportion",
            "metrics[0].kind: \"Proportion\" (expected: one of proportion, distribution)"),
        Arguments.of(
            "    kind: proportion\n",
            "",
            "metrics[0].kind: missing (expected: one of proportion, distribution)"),
        Arguments.of(
            "kind: proportion",
            "kind: proportion\n    role: decide",
            "metrics[0].role: \"decide\" (expected: one of decides, warns)"),
        Arguments.of(
            "kind: proportion",
            "kind: proportion\n    minimum_events: 2.5",
            "metrics[0].minimum_events: 2.5 (expected: a whole number)"),
        Arguments.of(
            "kind: proportion",
            "kind: proportion\n    sources: [{where: [{label: version, values: [a, 1.10]}]}]",
            "metrics[0].sources[0].where[0].values[1]: 1.1 (expected: text: in quotes)"),
        Arguments.of(
            "kind: proportion",
            "kind: proportion\n    sources: [{where: [{values: [a]}]}]",
            "metrics[0].sources[0].where[0].label: missing (expected: 1 to 200 characters)"),
        Arguments.of(
            "kind: proportion",
            "kind: proportion\n    sources: [{name: a}]",
            "metrics[0].sources[0].name: unknown key (expected: one of series, where, failures,"
                + " failure_series)"),
        Arguments.of(
            "kind: proportion",
            "kind: proportion\n    strata: {limit: 33}",
            "metrics[0].strata.limit: 33 (expected: 1 to 32)"),
        Arguments.of(
            "kind: proportion",
            "kind: proportion\n    strata: {route: a}",
            "metrics[0].strata.route: unknown key (expected: one of label, limit)"),
        Arguments.of(
            "kind: proportion",
            "kind: proportion\n    during_warm_up: no",
            "metrics[0].during_warm_up: \"no\" (expected: true or false)"),
        Arguments.of(
            "limit: 0.01",
            "limit: 0.01\n        relative: 0.5",
            "metrics[0].thresholds[0].relative: 0.5 (expected: none beside limit: a further"
                + " threshold)"),
        Arguments.of(
            "limit: 0.01",
            "floor: 0.01",
            "metrics[0].thresholds[0]: no limit (expected: limit, relative or absolute)"),
        Arguments.of(
            "limit: 0.01",
            "limit: 0.01\n        go: {relative: 1}",
            "metrics[0].thresholds[0].go.relative: 1 (expected: limit, as for NO_GO)"),
        Arguments.of(
            "limit: 0.01",
            "absolute: 0.01\n        go: {limit: 0.5}",
            "metrics[0].thresholds[0].go.limit: 0.5 (expected: relative, absolute or floor, as for"
                + " NO_GO)"),
        Arguments.of(
            "limit: 0.01",
            "limit: 0.01\n        go: 0.02",
            "metrics[0].thresholds[0].go: 0.02 (expected: keys and values)"),
        Arguments.of(
            "window: 5s",
            "window: 5s\noverridable: [deadline, beta]",
            "overridable[1]: \"beta\" (expected: one of deadline, warm_up, minimum_step_time,"
                + " traffic_plan, window, lateness)"),
        Arguments.of(
            "window: 5s",
            "window: 5s\noverridable: [deadline, deadline]",
            "overridable: deadline twice (expected: each word once)"),
        Arguments.of(
            "window: 5s",
            "window: 5s\ntraffic_plan: {weights: [5, '25', 50]}",
            "traffic_plan.weights[1]: \"25\" (expected: a number)"),
        Arguments.of(
            "window: 5s", "window: 5s\nchecks: smoke", "checks: \"smoke\" (expected: a list)"),
        Arguments.of(
            "window: 5s",
            "window: 5s\nchecks: [smoke]",
            "checks[0]: \"smoke\" (expected: keys and values)"),
        Arguments.of(
            "window: 5s",
            "window: 5s\nchecks: [{name: smoke, before_step: -1}]",
            "checks[0].before_step: -1 (expected: the index of a step, in [0, 31])"),
        Arguments.of(
            "window: 5s",
            "window: 5s\nchecks: [{name: smoke, before_step: soon}]",
            "checks[0].before_step: \"soon\" (expected: a whole number)"));
  }

  /** And about nothing else: what could not be read is not blamed a second time. */
  @ParameterizedTest
  @MethodSource("oneWrongLine")
  void tellsOfOneThingOnce(String line, String wrongLine, String violation) {
    assertThat(LEAST).contains(line);

    assertThat(violations(LEAST.replace(line, wrongLine))).containsExactly(violation);
  }

  @Test
  void anUnreadableKindSaysNothingOfItsThresholds() {
    assertThat(
            violations(
                LEAST
                    .replace("kind: proportion", "kind: histogram")
                    .replace("limit: 0.01", "limit: 5\n        quantile: 0.95")))
        .singleElement()
        .asString()
        .startsWith("metrics[0].kind");
  }

  @Test
  void refusesWhatIsNoObject() {
    assertThat(violations("- a\n- b\n"))
        .containsExactly("policy: a list (expected: keys and values)");
    assertThat(violations("checkout")).hasSize(1);
  }

  @Test
  void aTextThatCannotBeParsedIsToldAlone() {
    assertThat(violations(LEAST + "  oops\n")).hasSize(1);
  }

  @Test
  void boundsWhatItTells() {
    String thresholds = "        - {limit: x}\n".repeat(3_000);

    assertThat(
            violations(
                LEAST.replace("      - limit: 0.01\n", "").stripTrailing() + "\n" + thresholds))
        .hasSize(101)
        .last()
        .asString()
        .isEqualTo("…: 2901 more violations (expected: none)");
  }

  @Test
  void aKeyOfAnyLengthIsRefusedInTime() {
    assertThat(violations(LEAST + "x".repeat(1_000) + ": 1\n"))
        .singleElement()
        .asString()
        .startsWith("x".repeat(64) + "…: unknown key");
  }

  @Test
  void throwsWhatIsWrongWithItsReason() {
    assertThatThrownBy(() -> PolicyReader.read(LEAST.replace("0.01", "2")).orThrow())
        .isInstanceOfSatisfying(
            JudgeException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(ErrorReason.POLICY_INVALID);
              assertThat(e.violations())
                  .extracting(FieldViolation::field)
                  .containsExactly("alpha", "metrics[0].thresholds[0].limit");
            });
  }
}
