package io.canaryjudge.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the build promises about the machine that runs the tests. */
class BuildTest {

  @Test
  void testsRunOnTheJavaReleaseThatIsShipped() {
    assertThat(Runtime.version().feature()).isGreaterThanOrEqualTo(25);
  }
}
