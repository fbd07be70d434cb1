package io.canaryjudge.analysis.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyValidatorTest {

  @ParameterizedTest
  @MethodSource("io.canaryjudge.analysis.policy.WrongPolicies#rows")
  void refuses(WrongPolicies.Row row) {
    Policy policy = Edited.with(SamplePolicies.valid(), row.edit(), row.value());

    assertThat(PolicyValidator.violations(policy)).isEqualTo(row.violations());
  }

  @Test
  void acceptsAValidPolicy() {
    assertThat(PolicyValidator.violations(SamplePolicies.valid())).isEmpty();
  }

  @Test
  void acceptsTheEndsOfEachRange() {
    Policy policy = SamplePolicies.valid();
    policy = Edited.with(policy, "alpha", 0.5);
    policy = Edited.with(policy, "beta", Double.MIN_VALUE);
    policy = Edited.with(policy, "windowMillis", 3_600_000L);
    policy = Edited.with(policy, "latenessMillis", 0L);
    policy = Edited.with(policy, "warmUpMillis", PolicyValidator.MAX_SPAN_MILLIS);
    policy = Edited.with(policy, "deadlineMillis", 0L);
    policy = Edited.with(policy, "burstGuardMillis", 3_600_000L);
    policy = Edited.with(policy, "minimumCoverage", 1.0);
    policy = Edited.with(policy, "description", "é\n\t😀");
    policy = Edited.with(policy, "metrics[0].minimumEvents", 0);
    policy = Edited.with(policy, "metrics[0].sources", sources());
    policy = Edited.with(policy, "checks", List.of());
    policy = Edited.with(policy, "trafficPlan.weights", List.of());

    assertThat(PolicyValidator.violations(policy)).isEmpty();
  }

  private static List<MetricSource> sources() {
    LabelMatcher matcher =
        new LabelMatcher("x".repeat(200), Collections.nCopies(64, "y".repeat(199) + "*"));
    List<LabelMatcher> matchers = new ArrayList<>(Collections.nCopies(15, matcher));
    matchers.add(new LabelMatcher("é", List.of("", "*")));
    return Collections.nCopies(8, new MetricSource("z".repeat(200), matchers, matchers));
  }

  @Test
  void tellsOfMatchersAnywhere() {
    assertThat(
            PolicyValidator.violations(
                "arms.scope",
                List.of(new LabelMatcher("job", List.of()), new LabelMatcher("", List.of("*a")))))
        .containsExactly(
            new PolicyViolation("arms.scope[1].label", "empty", "1 to 200 characters"),
            new PolicyViolation(
                "arms.scope[1].values[0]", "\"*a\"", "a value, or how it begins and then *"));
  }

  @Test
  void tellsAllViolationsAtOnceInTheOrderOfTheKeys() {
    Policy policy = SamplePolicies.valid();
    policy = Edited.with(policy, "name", "");
    policy = Edited.with(policy, "beta", 2.0);
    policy = Edited.with(policy, "metrics[1].weight", Double.NaN);
    policy = Edited.with(policy, "metrics[0].thresholds[0].noGo.limit", 3.0);
    policy = Edited.with(policy, "trafficPlan.weights", List.of(50.0, 5.0));

    assertThat(PolicyValidator.violations(policy))
        .extracting(PolicyViolation::path)
        .containsExactly(
            "name",
            "beta",
            "metrics[0].thresholds[0].limit",
            "metrics[0].thresholds[0].go.limit",
            "metrics[1].weight",
            "traffic_plan.weights[1]");
  }

  /** A new field without a rule, or a rule without a test, does not go unnoticed. */
  @Test
  void eachFieldThatCanBeWrongHasATest() {
    Set<String> tested = new TreeSet<>();
    WrongPolicies.rows()
        .forEach(
            row -> {
              tested.add(fileKey(row.edit()));
              row.violations().forEach(violation -> tested.add(fileKey(violation.path())));
            });

    Set<String> fields = new TreeSet<>();
    for (Class<?> type :
        List.of(
            Policy.class,
            MetricPolicy.class,
            Threshold.class,
            Tolerance.Limit.class,
            Tolerance.Change.class,
            MetricSource.class,
            LabelMatcher.class,
            RequiredCheck.class,
            TrafficPlan.class)) {
      for (RecordComponent component : type.getRecordComponents()) {
        if (canBeWrong(component)) {
          fields.add(fileKey(component.getName()));
        }
      }
    }

    assertThat(tested).containsAll(fields);
  }

  private static boolean canBeWrong(RecordComponent component) {
    Class<?> type = component.getType();
    // An enum or a boolean has no wrong values, nor has a set of enum values; of nested records and
    // tolerances, the fields are looked at.
    return !(type.isEnum()
        || type == boolean.class
        || type == Set.class
        || type == Tolerance.class
        || type.isRecord());
  }

  private static String fileKey(String path) {
    String key = path.substring(path.lastIndexOf('.') + 1).replaceAll("\\[\\d+]", "");
    return key.replaceAll("Millis$", "").replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  @Test
  void strataHaveALabelAndALimit() {
    MetricPolicy metric = SamplePolicies.valid().metrics().getFirst();
    assertThat(strata(metric, new StrataPolicy("", 1))).isEmpty();
    assertThat(strata(metric, new StrataPolicy("http.route", 32))).isEmpty();
    assertThat(strata(metric, new StrataPolicy("a\nb", 33)))
        .containsExactly(
            new PolicyViolation(
                "metrics[0].strata.label",
                "a control character or half of a surrogate pair",
                "text"),
            new PolicyViolation("metrics[0].strata.limit", "33", "1 to 32"));
    assertThat(strata(metric, new StrataPolicy("a".repeat(201), 0)))
        .extracting(PolicyViolation::path)
        .containsExactly("metrics[0].strata.label", "metrics[0].strata.limit");
  }

  @Test
  void strataByLabelNeedItOnFailuresToo() {
    MetricPolicy plain = SamplePolicies.valid().metrics().getFirst();
    MetricPolicy apart =
        new MetricPolicy(
            plain.name(),
            plain.kind(),
            plain.unit(),
            plain.harmfulDirection(),
            plain.role(),
            plain.weight(),
            plain.duringWarmUp(),
            plain.minimumEvents(),
            plain.thresholds(),
            List.of(new MetricSource("orders", List.of(), List.of(), "order_failures")),
            null);
    assertThat(strata(apart, new StrataPolicy("", 3))).isEmpty();
    assertThat(strata(apart, new StrataPolicy("zone", 3)))
        .containsExactly(
            new PolicyViolation(
                "metrics[0].strata.label",
                "\"zone\"",
                "none beside a failure_series, which need not have the label"));
  }

  private static List<PolicyViolation> strata(MetricPolicy m, StrataPolicy strata) {
    return PolicyValidator.violations(SamplePolicies.withMetric(m.split(strata)));
  }
}
