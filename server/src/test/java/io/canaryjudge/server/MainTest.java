package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MainTest {

  @Test
  void refusesAnUnknownOptionWithTheUsageExitCode() {
    assertThat(Main.execute("--no-such-option")).isEqualTo(2);
  }
}
