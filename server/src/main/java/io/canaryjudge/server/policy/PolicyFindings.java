package io.canaryjudge.server.policy;

import io.canaryjudge.analysis.policy.PolicyLint;
import io.canaryjudge.analysis.policy.PolicyWarning;
import io.canaryjudge.server.error.FieldViolation;
import java.util.List;

/**
 * What can be said of a policy before it is used.
 *
 * @param violations why it would be refused; empty if it would be accepted
 * @param warnings what it would probably not do as it was meant; empty if there are violations
 */
public record PolicyFindings(List<FieldViolation> violations, List<PolicyWarning> warnings) {

  /** Copies the lists. */
  public PolicyFindings {
    violations = List.copyOf(violations);
    warnings = List.copyOf(warnings);
  }

  /** Looks at what came out of reading a policy. */
  public static PolicyFindings of(PolicyReading reading) {
    return switch (reading) {
      case PolicyReading.Valid valid ->
          new PolicyFindings(List.of(), PolicyLint.warnings(valid.policy()));
      case PolicyReading.Invalid invalid -> new PolicyFindings(invalid.violations(), List.of());
    };
  }
}
