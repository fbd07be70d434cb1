package io.canaryjudge.server.policy;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.util.List;

/** What came out of reading a policy: either a valid one, or everything that is wrong with it. */
public sealed interface PolicyReading {

  /**
   * It can be judged by.
   *
   * @param policy with every default applied
   */
  record Valid(Policy policy) implements PolicyReading {}

  /**
   * It cannot.
   *
   * @param violations at least one
   */
  record Invalid(List<FieldViolation> violations) implements PolicyReading {

    /** Copies the list. */
    public Invalid {
      violations = List.copyOf(violations);
    }
  }

  /**
   * The policy.
   *
   * @throws JudgeException {@code POLICY_INVALID} with every violation
   */
  default Policy orThrow() {
    return switch (this) {
      case Valid(Policy policy) -> policy;
      case Invalid(List<FieldViolation> violations) ->
          throw JudgeException.invalid(ErrorReason.POLICY_INVALID, violations);
    };
  }

  /** Everything that is wrong; empty if nothing is. */
  default List<FieldViolation> problems() {
    return switch (this) {
      case Valid _ -> List.of();
      case Invalid(List<FieldViolation> violations) -> violations;
    };
  }
}
