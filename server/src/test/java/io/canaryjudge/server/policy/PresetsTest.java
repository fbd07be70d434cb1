package io.canaryjudge.server.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.policy.MissingDataAction;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.PolicyLint;
import io.canaryjudge.analysis.policy.PolicySetting;
import io.canaryjudge.analysis.policy.RequiredCheck;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PresetsTest {

  static Stream<String> names() {
    return Presets.NAMES.stream();
  }

  private static Policy preset(String name) {
    return PolicyReader.read(Presets.text(name)).orThrow();
  }

  private static MetricPolicy metric(Policy policy, String name) {
    return policy.metrics().stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
  }

  private static Threshold change(OptionalDouble quantile, double noGo, double go, double floor) {
    return new Threshold(
        quantile, new Tolerance.Change(noGo, 0, floor), new Tolerance.Change(go, 0, floor), 0);
  }

  private static Threshold limit(OptionalDouble quantile, double limit) {
    return new Threshold(quantile, new Tolerance.Limit(limit), new Tolerance.Limit(limit), 0);
  }

  @ParameterizedTest
  @MethodSource("names")
  void isValidAndWithoutWarnings(String name) {
    PolicyFindings findings = PolicyFindings.of(PolicyReader.read(Presets.text(name)));

    assertThat(findings).isEqualTo(new PolicyFindings(List.of(), List.of()));
  }

  @ParameterizedTest
  @MethodSource("names")
  void hasTheNameOfItsFileAndWindowsOfFiveSeconds(String name) {
    Policy policy = preset(name);

    assertThat(policy.name()).isEqualTo(name);
    assertThat(policy.windowMillis()).isEqualTo(5_000);
    assertThat(policy.description()).isNotBlank();
    assertThat(policy.onMissingData()).isEqualTo(MissingDataAction.NO_GO);
  }

  @Test
  void standardHasTheUsualFigures() {
    Policy policy = preset("standard");

    assertThat(policy.alpha()).isEqualTo(0.01);
    assertThat(policy.beta()).isEqualTo(0.05);
    assertThat(policy.deadlineMillis()).isEqualTo(3_600_000);
    assertThat(policy.trafficPlan().weights()).containsExactly(5.0, 25.0, 50.0, 100.0);
    assertThat(metric(policy, "error_rate").thresholds())
        .containsExactly(
            limit(OptionalDouble.empty(), 0.01), change(OptionalDouble.empty(), 0.5, 0.5, 0.005));
    assertThat(metric(policy, "latency").thresholds())
        .containsExactly(
            limit(OptionalDouble.of(0.95), 5),
            change(OptionalDouble.of(0.5), 0.1, 0.25, 0),
            change(OptionalDouble.of(0.95), 0.1, 0.5, 0),
            change(OptionalDouble.of(0.99), 0.1, 1, 0));
  }

  @Test
  void guardrailOnlyCatchesDisastersAndFromTheFirstMinute() {
    Policy policy = preset("guardrail");

    assertThat(policy.metrics()).allMatch(MetricPolicy::duringWarmUp);
    assertThat(metric(policy, "error_rate").thresholds())
        .containsExactly(limit(OptionalDouble.empty(), 0.05));
    assertThat(metric(policy, "latency").thresholds())
        .containsExactly(change(OptionalDouble.of(0.95), 2, 2, 0.1));
  }

  @Test
  void sustainedWaitsForFiveMinutesAndOnlyWarnsOfLatency() {
    Policy policy = preset("sustained");

    assertThat(metric(policy, "error_rate").thresholds())
        .extracting(Threshold::sustainedMillis)
        .containsExactly(300_000L);
    assertThat(metric(policy, "latency").role()).isEqualTo(MetricRole.WARNS);
    assertThat(metric(policy, "latency").thresholds())
        .containsExactly(limit(OptionalDouble.of(0.95), 2));
  }

  @Test
  void databaseMigrationJudgesTheDatabaseToo() {
    Policy policy = preset("database-migration");

    assertThat(policy.checks())
        .containsExactly(
            new RequiredCheck("backup-verified", false),
            new RequiredCheck("migration-applied", true));
    assertThat(metric(policy, "db_lock_wait").kind()).isEqualTo(MetricKind.DISTRIBUTION);
    assertThat(metric(policy, "db_query_latency").kind()).isEqualTo(MetricKind.DISTRIBUTION);
    assertThat(metric(policy, "db_query_failures").kind()).isEqualTo(MetricKind.PROPORTION);
    assertThat(policy.warmUpMillis()).isGreaterThan(preset("standard").warmUpMillis());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"standard", "guardrail", "database-migration", "bake-15m", "bake-4h", "bake-48h"})
  void windowsCanBeAsLongAsStreamsExport(String name) {
    Policy minute =
        PolicyOverrides.apply(preset(name), "{\"window\":\"60s\",\"lateness\":\"60s\"}");

    assertThat(minute.burstGuardMillis()).isEqualTo(60_000);
    assertThat(PolicyLint.warnings(minute)).isEmpty();
  }

  @Test
  void aBakeLastsItsTimeWhateverARunSays() {
    List<Policy> bakes = List.of(preset("bake-15m"), preset("bake-4h"), preset("bake-48h"));

    assertThat(bakes)
        .extracting(Policy::minimumStepMillis)
        .containsExactly(900_000L, 14_400_000L, 172_800_000L);
    for (Policy bake : bakes) {
      assertThat(bake.deadlineMillis()).isGreaterThan(bake.minimumStepMillis());
      assertThat(bake.overridable())
          .doesNotContain(PolicySetting.DEADLINE, PolicySetting.MINIMUM_STEP_TIME);
      assertThat(metric(bake, "error_rate").thresholds())
          .anyMatch(threshold -> threshold.noGo() instanceof Tolerance.Limit)
          .anyMatch(threshold -> threshold.noGo() instanceof Tolerance.Change);
    }
  }
}
