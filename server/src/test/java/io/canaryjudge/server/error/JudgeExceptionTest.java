package io.canaryjudge.server.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class JudgeExceptionTest {

  @Test
  void namesTheFieldWhatCameAndWhatWasExpected() {
    JudgeException error = JudgeException.invalidField("alpha", 0.7, "in (0, 0.5]");

    assertThat(error).hasMessage("alpha: 0.7 (expected: in (0, 0.5])");
    assertThat(error.reason()).isEqualTo(ErrorReason.INVALID_FIELD);
    assertThat(error.reason().category()).isEqualTo(ErrorCategory.INVALID_ARGUMENT);
    assertThat(error.violations())
        .containsExactly(new FieldViolation("alpha", "0.7", "in (0, 0.5]"));
  }

  @Test
  void listsAllViolationsInItsText() {
    JudgeException error =
        JudgeException.invalid(
            ErrorReason.POLICY_INVALID,
            List.of(
                new FieldViolation("alpha", "NaN", "in (0, 0.5]"),
                new FieldViolation("beta", "1", "in (0, 0.5]")));

    assertThat(error)
        .hasMessage("alpha: NaN (expected: in (0, 0.5]); beta: 1 (expected: in (0, 0.5])");
  }

  @Test
  void keepsEachPropertyThatIsAdded() {
    Exception cause = new IllegalStateException("disk full");
    JudgeException error =
        JudgeException.of(ErrorReason.SEQUENCE_GAP, "Batch 7 came before batch 5.")
            .with("expected_sequence", "5")
            .retryAfter(250)
            .causedBy(cause);

    assertThat(error).hasMessage("Batch 7 came before batch 5.").hasCause(cause);
    assertThat(error.metadata()).isEqualTo(Map.of("expected_sequence", "5"));
    assertThat(error.retryAfterMillis()).isEqualTo(OptionalLong.of(250));
  }

  @Test
  void offersNoRetryUnlessToldTo() {
    JudgeException error = JudgeException.of(ErrorReason.RUN_CLOSED, "The run has ended.");

    assertThat(error.retryAfterMillis()).isEmpty();
    assertThatThrownBy(() -> error.retryAfter(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anErrorIsNotMuchLargerThanWhatItNeedsToSay() {
    FieldViolation violation = new FieldViolation("service", "x".repeat(100_000), "short");

    assertThat(violation.toString().length()).isLessThan(300);
  }
}
