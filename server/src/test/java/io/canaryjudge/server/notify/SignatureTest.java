package io.canaryjudge.server.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureTest {

  private static final String OTHER = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

  /** The example that the libraries of Standard Webhooks are tested with. */
  @Test
  void isThatOfStandardWebhooks() {
    assertThat(
            Signature.of(
                List.of(TestTargets.SECRET),
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1614265330,
                "{\"test\": 2432232314}"))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void thereIsOneForEachSecret() {
    String both = Signature.of(List.of(OTHER, TestTargets.SECRET), "a", 1, "ä");
    assertThat(both.split(" "))
        .containsExactly(
            Signature.of(List.of(OTHER), "a", 1, "ä"),
            Signature.of(List.of(TestTargets.SECRET), "a", 1, "ä"))
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%"})
  void whatIsTooShortOrNotRandomBytesIsNoSecret(String text) {
    assertThat(Signature.isSecret(text)).isFalse();
    assertThat(Signature.isSecret(TestTargets.SECRET)).isTrue();
  }
}
