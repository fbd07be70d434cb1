package io.canaryjudge.server.policy;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.PolicySetting;
import io.canaryjudge.analysis.policy.PolicyValidator;
import io.canaryjudge.analysis.policy.PolicyViolation;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Applies what one run sets differently from its policy, within what the policy allows. */
final class PolicyOverrides {

  // As in the request that runs are created with.
  private static final String PATH = "analysis_run.overrides";

  private PolicyOverrides() {}

  /**
   * The policy of one run.
   *
   * @param policy a valid policy
   * @param overrides JSON object with the keys of {@code PolicyOverrides} in the API
   * @throws JudgeException {@code OVERRIDE_NOT_ALLOWED} with each setting that the policy does not
   *     allow to override, or {@code INVALID_FIELD} with everything that is wrong
   */
  static Policy apply(Policy policy, String overrides) {
    Findings findings = new Findings();
    Fields fields = new Fields(findings, PATH, TreeReader.read(overrides, findings.ofText()));
    refuseWhatIsNotAllowed(policy, fields);
    long windowMillis = fields.duration(key(PolicySetting.WINDOW), policy.windowMillis());
    Policy effective =
        new Policy(
            policy.name(),
            policy.description(),
            policy.alpha(),
            policy.beta(),
            windowMillis,
            fields.duration(key(PolicySetting.LATENESS), policy.latenessMillis()),
            fields.duration(key(PolicySetting.WARM_UP), policy.warmUpMillis()),
            fields.duration(key(PolicySetting.MINIMUM_STEP_TIME), policy.minimumStepMillis()),
            fields.duration(key(PolicySetting.DEADLINE), policy.deadlineMillis()),
            policy.watchAfterGoMillis(),
            // Nothing that is shorter than a window can be told from one that is as long.
            Math.max(policy.burstGuardMillis(), windowMillis),
            policy.minimumCoverage(),
            policy.instanceCoefficientOfVariation(),
            policy.onMissingData(),
            policy.onInconclusive(),
            policy.metrics(),
            policy.checks(),
            fields.has(key(PolicySetting.TRAFFIC_PLAN))
                ? PolicyReader.trafficPlan(fields.object(key(PolicySetting.TRAFFIC_PLAN)))
                : policy.trafficPlan(),
            policy.overridable(),
            policy.releaseRules());
    fields.refuseUnknown();
    List<PolicyViolation> senseless =
        PolicyValidator.violations(effective).stream()
            .map(v -> new PolicyViolation(Fields.child(PATH, v.path()), v.came(), v.expected()))
            .toList();
    List<FieldViolation> violations = findings.with(senseless);
    if (!violations.isEmpty()) {
      throw JudgeException.invalid(ErrorReason.INVALID_FIELD, violations);
    }
    return effective;
  }

  private static void refuseWhatIsNotAllowed(Policy policy, Fields fields) {
    List<FieldViolation> violations = new ArrayList<>();
    for (PolicySetting setting : PolicySetting.values()) {
      if (fields.has(key(setting)) && !policy.overridable().contains(setting)) {
        violations.add(
            new FieldViolation(
                Fields.child(PATH, key(setting)), "set", allowed(policy) + " may be overridden"));
      }
    }
    if (!violations.isEmpty()) {
      throw JudgeException.invalid(ErrorReason.OVERRIDE_NOT_ALLOWED, violations);
    }
  }

  private static String allowed(Policy policy) {
    return policy.overridable().isEmpty()
        ? "unset: nothing of policies/" + policy.name()
        : policy.overridable().stream()
            .map(PolicyOverrides::key)
            .collect(Collectors.joining(", ", "unset: only ", " of policies/" + policy.name()));
  }

  private static String key(PolicySetting setting) {
    return setting.name().toLowerCase(Locale.ROOT);
  }
}
