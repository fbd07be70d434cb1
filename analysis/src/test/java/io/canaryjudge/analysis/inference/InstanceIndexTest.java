package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import org.junit.jupiter.api.Test;

class InstanceIndexTest {
  private final InstanceIndex index = new InstanceIndex();

  @Test
  void numbersFollowTheFirstCallsInEachArm() {
    assertThat(index.of(Arm.CANARY, "b")).isZero();
    assertThat(index.of(Arm.CANARY, "a")).isEqualTo(1);
    assertThat(index.of(Arm.BASELINE, "a")).isZero();
    assertThat(index.of(Arm.CANARY, "b")).isZero();
    assertThat(index.size(Arm.CANARY)).isEqualTo(2);
    assertThat(index.name(Arm.CANARY, 1)).isEqualTo("a");
  }

  @Test
  void instancesBeyondTheBoundShareTheLastNumber() {
    for (int i = 0; i < InstanceIndex.MAX_INSTANCES + 5; i++) {
      assertThat(index.of(Arm.CANARY, "pod-" + i))
          .isEqualTo(Math.min(i, InstanceIndex.MAX_INSTANCES - 1));
    }
    assertThat(index.size(Arm.CANARY)).isEqualTo(InstanceIndex.MAX_INSTANCES);
    assertThat(index.of(Arm.CANARY, "pod-3")).isEqualTo(3);
  }
}
