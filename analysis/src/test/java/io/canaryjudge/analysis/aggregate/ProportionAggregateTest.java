package io.canaryjudge.analysis.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ProportionAggregateTest {
  private final ProportionAggregate requests = new ProportionAggregate();

  @Test
  void countsRequestsAndFailures() {
    requests.add(10, 2);
    requests.add(5, 5);
    requests.add(0, 0);

    assertThat(requests.total()).isEqualTo(15);
    assertThat(requests.failures()).isEqualTo(7);
    assertThat(requests.isEmpty()).isFalse();
  }

  @Test
  void aCopyIsIndependent() {
    requests.add(10, 2);
    ProportionAggregate copy = requests.copy();
    copy.add(1, 1);

    assertThat(requests.total()).isEqualTo(10);
    assertThat(copy.total()).isEqualTo(11);
  }

  @Test
  void refusesCountsOutOfRange() {
    refused(() -> requests.add(-1, 0), "total: -1 (expected: >= 0)");
    refused(() -> requests.add(1, 2), "failures: 2 (expected: in [0, total = 1])");
    refused(() -> requests.add(1, -1), "failures: -1");
    requests.add(Aggregate.MAX_COUNT, 0);
    refused(() -> requests.add(1, 0), "total: 1000000000000000 + 1");
    refused(() -> requests.add(Long.MAX_VALUE, 0), "total: ");
    refused(() -> requests.merge(new DistributionAggregate()), "(expected: PROPORTION)");
    assertThat(requests.total()).isEqualTo(Aggregate.MAX_COUNT);
    assertThat(requests.failures()).isZero();
  }

  private static void refused(Runnable action, String message) {
    assertThatIllegalArgumentException().isThrownBy(action::run).withMessageContaining(message);
  }

  @Test
  void failuresThatAreCountedApartMayComeFirst() {
    ProportionAggregate requests = new ProportionAggregate();
    requests.addFailures(3);
    assertThat(requests.isEmpty()).isFalse();
    assertThat(requests.failures()).isZero();
    ProportionAggregate other = new ProportionAggregate();
    other.add(2, 0);
    requests.merge(other);
    assertThat(requests).hasToString("2 failures of 2");
    requests.add(10, 1);
    assertThat(requests).hasToString("4 failures of 12");
    refused(() -> requests.addFailures(-1), "failures: -1");
  }
}
