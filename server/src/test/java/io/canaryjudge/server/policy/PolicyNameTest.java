package io.canaryjudge.server.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyNameTest {

  @Test
  void readsWhatItWrites() {
    assertThat(PolicyName.parse("name", PolicyName.of("check-out-2")))
        .isEqualTo(new PolicyName("check-out-2", OptionalLong.empty()));
    assertThat(PolicyName.parse("name", PolicyName.of("checkout", 12)))
        .isEqualTo(new PolicyName("checkout", OptionalLong.of(12)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "checkout",
        "policies/",
        "policies/Check",
        "policies/a/b",
        "policies/a/revisions/",
        "policies/a/revisions/0",
        "policies/a/revisions/-1",
        "policies/a/revisions/01",
        "policies/a/revisions/1/revisions/2",
        "policies/a/revisions/99999999999999999999",
        " policies/a"
      })
  void refusesAnythingElse(String name) {
    assertThatExceptionOfType(JudgeException.class)
        .isThrownBy(() -> PolicyName.parse("policy", name))
        .satisfies(
            e ->
                assertThat(e.violations())
                    .containsExactly(
                        new FieldViolation(
                            "policy",
                            name,
                            "policies/{policy} or policies/{policy}/revisions/{revision}")));
  }

  @Test
  void aRevisionIsRefusedWhereItMakesNoSense() {
    assertThat(PolicyName.parsePolicy("name", "policies/a")).isEqualTo("a");
    assertThatExceptionOfType(JudgeException.class)
        .isThrownBy(() -> PolicyName.parsePolicy("name", "policies/a/revisions/1"));
  }
}
