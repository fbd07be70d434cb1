package io.canaryjudge.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Asserts that a call is refused, and why. */
final class Refusals {

  private Refusals() {}

  static JudgeException assertRefused(ErrorReason reason, ThrowingCallable call) {
    JudgeException refusal = catchThrowableOfType(JudgeException.class, call);
    assertThat(refusal).as("a refusal with reason %s", reason).isNotNull();
    assertThat(refusal.reason()).as("%s", refusal).isEqualTo(reason);
    return refusal;
  }
}
