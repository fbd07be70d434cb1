package io.canaryjudge.server.policy;

import io.canaryjudge.analysis.policy.PolicyValidator;
import io.canaryjudge.server.error.JudgeException;
import java.util.OptionalLong;

/**
 * The name of a policy, or of one revision of it, as requests write it.
 *
 * @param policy name of the policy, without {@code policies/}
 * @param revision from 1; empty for the current one
 */
public record PolicyName(String policy, OptionalLong revision) {

  private static final String POLICIES = "policies/";
  private static final String REVISIONS = "/revisions/";
  private static final String FORM =
      POLICIES + "{policy} or " + POLICIES + "{policy}" + REVISIONS + "{revision}";

  /**
   * Reads a name.
   *
   * @param field that it came in, for the error
   * @param name {@code policies/checkout} or {@code policies/checkout/revisions/3}
   * @throws JudgeException {@code INVALID_FIELD} if it is neither
   */
  public static PolicyName parse(String field, String name) {
    int revisions = name.indexOf(REVISIONS);
    String policy = revisions < 0 ? name : name.substring(0, revisions);
    if (!policy.startsWith(POLICIES)
        || !PolicyValidator.NAME.matcher(policy.substring(POLICIES.length())).matches()) {
      throw JudgeException.invalidField(field, name, FORM);
    }
    OptionalLong revision = OptionalLong.empty();
    if (revisions >= 0) {
      String digits = name.substring(revisions + REVISIONS.length());
      if (!digits.matches("[1-9][0-9]{0,17}")) {
        throw JudgeException.invalidField(field, name, FORM);
      }
      revision = OptionalLong.of(Long.parseLong(digits));
    }
    return new PolicyName(policy.substring(POLICIES.length()), revision);
  }

  /**
   * Reads the name of a policy where a revision would make no sense.
   *
   * @param field that it came in, for the error
   * @param name {@code policies/checkout}
   * @return the name without {@code policies/}
   * @throws JudgeException {@code INVALID_FIELD} if it is something else
   */
  public static String parsePolicy(String field, String name) {
    PolicyName parsed = parse(field, name);
    if (parsed.revision().isPresent()) {
      throw JudgeException.invalidField(field, name, POLICIES + "{policy}");
    }
    return parsed.policy();
  }

  /** The name of a policy as a resource. */
  public static String of(String policy) {
    return POLICIES + policy;
  }

  /** The name of a revision as a resource. */
  public static String of(String policy, long revision) {
    return POLICIES + policy + REVISIONS + revision;
  }
}
