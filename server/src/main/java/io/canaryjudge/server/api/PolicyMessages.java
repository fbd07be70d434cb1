package io.canaryjudge.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.PolicyFinding;
import io.canaryjudge.proto.v1.PolicyOverrides;
import io.canaryjudge.server.policy.PolicyFindings;
import io.canaryjudge.server.policy.PolicyName;
import io.canaryjudge.server.policy.PolicyRevision;
import io.canaryjudge.server.policy.PolicyWriter;
import java.util.ArrayList;
import java.util.List;

/** Policies as messages, and back. */
final class PolicyMessages {

  private PolicyMessages() {}

  /** What {@code PolicyReader} reads. */
  static ObjectNode tree(Policy policy) {
    return MessageTree.of(policy);
  }

  /** The overrides of a run as the JSON object that runs keep. */
  static String json(PolicyOverrides overrides) {
    return MessageTree.of(overrides).toString();
  }

  /** A policy as it would be stored, each field set. */
  static Policy policy(io.canaryjudge.analysis.policy.Policy policy) {
    Policy.Builder message = Policy.newBuilder();
    MessageTree.fill(PolicyWriter.toTree(policy), message);
    return message.setName(PolicyName.of(policy.name())).build();
  }

  /** A revision as a policy, each field set. */
  static Policy policy(PolicyRevision revision) {
    return policy(revision.policy()).toBuilder()
        .setRevision(revision.revision())
        .setEtag(revision.etag())
        .build();
  }

  /** A revision with its history. */
  static io.canaryjudge.proto.v1.PolicyRevision revision(PolicyRevision revision) {
    return io.canaryjudge.proto.v1.PolicyRevision.newBuilder()
        .setName(PolicyName.of(revision.policy().name(), revision.revision()))
        .setSnapshot(policy(revision))
        .setAuthor(revision.author())
        .setReason(revision.reason())
        .setCreateTime(Timestamps.fromMillis(revision.createMillis()))
        .setDeleted(revision.deleted())
        .build();
  }

  /** Violations first, then warnings. */
  static List<PolicyFinding> findings(PolicyFindings findings) {
    List<PolicyFinding> messages = new ArrayList<>();
    findings
        .violations()
        .forEach(
            violation ->
                messages.add(
                    finding(
                        PolicyFinding.Severity.SEVERITY_VIOLATION,
                        violation.field(),
                        violation.came() + " (expected: " + violation.expected() + ")")));
    findings
        .warnings()
        .forEach(
            warning ->
                messages.add(
                    finding(
                        PolicyFinding.Severity.SEVERITY_WARNING,
                        warning.path(),
                        warning.consequence())));
    return messages;
  }

  private static PolicyFinding finding(
      PolicyFinding.Severity severity, String field, String description) {
    return PolicyFinding.newBuilder()
        .setSeverity(severity)
        .setField(field)
        .setDescription(description)
        .build();
  }
}
