package io.canaryjudge.server.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.canaryjudge.analysis.policy.DeadlineFrom;
import io.canaryjudge.analysis.policy.InconclusiveAction;
import io.canaryjudge.analysis.policy.MissingDataAction;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.PolicySetting;
import io.canaryjudge.analysis.policy.PolicyValidator;
import io.canaryjudge.analysis.policy.RequiredCheck;
import io.canaryjudge.analysis.policy.TrafficPlan;
import io.canaryjudge.server.error.FieldViolation;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads policies: the keys are those of {@code policy.proto}, which also states each default. There
 * is one reader, whether a policy came as a file or as a message.
 */
public final class PolicyReader {

  private static final long DEFAULT_LATENESS_WINDOWS = 2;
  private static final long MAX_LATENESS_MILLIS = 3_600_000;
  private static final long DEFAULT_BURST_GUARD_MILLIS = 15_000;
  private static final double DEFAULT_MINIMUM_COVERAGE = 0.8;
  private static final String PREFIX = "policies/";

  private PolicyReader() {}

  /**
   * Reads the text of a policy file.
   *
   * @param text YAML or JSON, at most 256 KiB
   */
  public static PolicyReading read(String text) {
    Findings findings = new Findings();
    return read(TreeReader.read(text, findings.ofText()), findings);
  }

  /**
   * Reads a tree.
   *
   * @param tree numbers as numbers, durations and enum values as text
   */
  public static PolicyReading read(JsonNode tree) {
    return read(tree, new Findings());
  }

  private static PolicyReading read(JsonNode tree, Findings findings) {
    Policy policy = policy(new Fields(findings, "", tree));
    List<FieldViolation> violations = findings.with(PolicyValidator.violations(policy));
    return violations.isEmpty()
        ? new PolicyReading.Valid(policy)
        : new PolicyReading.Invalid(violations);
  }

  /**
   * Reads what {@link PolicyWriter#toJson} wrote. It was valid when it was written; that the rules
   * may have become stricter since does not make it unreadable.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Policy readStored(String json) {
    Findings findings = new Findings();
    Policy policy = policy(new Fields(findings, "", TreeReader.read(json, findings.ofText())));
    List<FieldViolation> violations = findings.with(List.of());
    if (!violations.isEmpty()) {
      throw new IllegalArgumentException("not a stored policy: " + violations);
    }
    return policy;
  }

  private static Policy policy(Fields fields) {
    String name = name(fields.requiredText("name"));
    String description = fields.text("description", "");
    double alpha = fields.requiredNumber("alpha");
    double beta = fields.requiredNumber("beta");
    long windowMillis = fields.requiredDuration("window");
    Policy policy =
        new Policy(
            name,
            description,
            alpha,
            beta,
            windowMillis,
            fields.duration(
                "lateness",
                Math.clamp(DEFAULT_LATENESS_WINDOWS * windowMillis, 0, MAX_LATENESS_MILLIS)),
            fields.duration("warm_up", 0),
            fields.duration("minimum_step_time", 0),
            fields.duration("deadline", 0),
            fields.duration("watch_after_go", 0),
            fields.duration("burst_guard", Math.max(DEFAULT_BURST_GUARD_MILLIS, windowMillis)),
            fields.number("minimum_coverage", DEFAULT_MINIMUM_COVERAGE),
            fields.number("instance_coefficient_of_variation", 0),
            fields.choice("on_missing_data", MissingDataAction.class, MissingDataAction.NO_GO),
            fields.choice("on_inconclusive", InconclusiveAction.class, InconclusiveAction.HOLD),
            fields.objects("metrics", MetricReader::metric),
            fields.objects("checks", PolicyReader::check),
            trafficPlan(fields.object("traffic_plan")),
            overridable(fields.choices("overridable", PolicySetting.class)),
            ReleaseRuleReader.rules(fields));
    // Output only; they are in files that were written from a policy as it is sent.
    fields.ignore("revision");
    fields.ignore("etag");
    fields.refuseUnknown();
    return policy;
  }

  /** As a resource is named, or for short. */
  private static String name(String name) {
    return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
  }

  private static RequiredCheck check(Fields fields) {
    RequiredCheck check =
        new RequiredCheck(
            fields.requiredText("name"),
            fields.flag("failure_is_no_go"),
            fields.flag("expiry_is_no_go"),
            beforeStep(fields),
            fields.duration("deadline", 0),
            fields.choice("deadline_from", DeadlineFrom.class, DeadlineFrom.RUN));
    fields.refuseUnknown();
    return check;
  }

  private static int beforeStep(Fields fields) {
    int step = fields.wholeNumber("before_step", RequiredCheck.NO_STEP);
    if (step == RequiredCheck.NO_STEP
        && fields.has("before_step")
        && fields.isReadable("before_step")) {
      // It was written, so it must not pass for none.
      fields.refuse("before_step", "the index of a step, in [0, 31]");
    }
    return step;
  }

  static TrafficPlan trafficPlan(Optional<Fields> there) {
    if (there.isEmpty()) {
      return new TrafficPlan(List.of(), false);
    }
    Fields fields = there.get();
    TrafficPlan plan = new TrafficPlan(fields.numbers("weights"), fields.flag("verify_split"));
    fields.refuseUnknown();
    return plan;
  }

  private static Set<PolicySetting> overridable(List<PolicySetting> settings) {
    Set<PolicySetting> overridable = EnumSet.noneOf(PolicySetting.class);
    overridable.addAll(settings);
    return overridable;
  }
}
