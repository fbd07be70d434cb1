package io.canaryjudge.analysis.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.canaryjudge.analysis.policy.MetricKind;
import org.junit.jupiter.api.Test;

class WindowAggregateTest {
  private final WindowAggregate window = new WindowAggregate();

  @Test
  void keepsOneAggregateForEachMetricArmAndInstance() {
    Aggregate first = window.at(1, Arm.CANARY, "a", MetricKind.PROPORTION);

    assertThat(window.at(1, Arm.CANARY, "a", MetricKind.PROPORTION)).isSameAs(first);
    assertThat(window.find(1, Arm.CANARY, "a")).isSameAs(first);
    assertThat(window.find(1, Arm.BASELINE, "a")).isNull();
    assertThat(window.find(0, Arm.CANARY, "a")).isNull();
    assertThat(window.find(2, Arm.CANARY, "a")).isNull();
  }

  @Test
  void entriesAreOrderedByMetricArmAndInstance() {
    window.at(1, Arm.BASELINE, "b", MetricKind.PROPORTION);
    window.at(0, Arm.CANARY, "b", MetricKind.DISTRIBUTION);
    window.at(0, Arm.CANARY, "a", MetricKind.DISTRIBUTION);
    window.at(0, Arm.BASELINE, "c", MetricKind.DISTRIBUTION);

    assertThat(window.entries())
        .extracting(entry -> entry.metric() + " " + entry.arm() + " " + entry.instance())
        .containsExactly("0 BASELINE c", "0 CANARY a", "0 CANARY b", "1 BASELINE b");
    assertThat(window.entries(0, Arm.CANARY))
        .extracting(WindowAggregate.Entry::instance)
        .containsExactly("a", "b");
    assertThat(window.entries(7, Arm.CANARY)).isEmpty();
    assertThat(window.instances(Arm.BASELINE)).containsExactly("b", "c");
  }

  @Test
  void strataAreApartAndTheirInstancesAreThoseOfTheArm() {
    window.at(0, Arm.CANARY, "b", MetricKind.PROPORTION);
    fill("/z", Arm.CANARY, "a");
    fill("/y", Arm.BASELINE, "c");
    window.at(0, Arm.CANARY, "/empty", "a", MetricKind.PROPORTION);

    assertThat(window.strata(0)).containsExactly("/y", "/z");
    assertThat(window.strata(1)).isEmpty();
    assertThat(window.instances(Arm.CANARY)).containsExactly("a", "b");
    assertThat(window.find(0, Arm.CANARY, "a")).isNull();
    assertThat(window.find(0, Arm.CANARY, "/z", "a")).isNotNull();
    assertThat(window.find(0, Arm.BASELINE, "/z", "a")).isNull();
    assertThat(window.entries())
        .extracting(entry -> entry.arm() + " " + entry.stratum() + " " + entry.instance())
        .containsExactly("BASELINE /y c", "CANARY  b", "CANARY /empty a", "CANARY /z a");
    assertThat(window.copy().strata(0)).containsExactly("/y", "/z");
    assertThat(window.isEmpty()).isFalse();
  }

  private void fill(String stratum, Arm arm, String instance) {
    ((ProportionAggregate) window.at(0, arm, stratum, instance, MetricKind.PROPORTION)).add(1, 0);
  }

  @Test
  void theEarliestStartCounts() {
    window.started(Arm.CANARY, "a", 5);
    window.started(Arm.CANARY, "a", 3);
    window.started(Arm.CANARY, "a", 4);

    assertThat(window.startMillis(Arm.CANARY, "a")).hasValue(3);
    assertThat(window.startMillis(Arm.BASELINE, "a")).isEmpty();
    assertThat(window.isEmpty()).isFalse();
  }

  @Test
  void refusesAMetricOfTwoKinds() {
    window.at(0, Arm.CANARY, "a", MetricKind.PROPORTION);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> window.at(0, Arm.CANARY, "a", MetricKind.DISTRIBUTION))
        .withMessage("metric 0: DISTRIBUTION (expected: PROPORTION)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> window.at(-1, Arm.CANARY, "a", MetricKind.DISTRIBUTION))
        .withMessage("metric: -1 (expected: >= 0)");
  }
}
