package io.canaryjudge.server.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.EarlierAttempt;
import io.canaryjudge.proto.v1.Label;
import io.canaryjudge.proto.v1.PolicyOverrides;
import io.canaryjudge.proto.v1.Retrospective;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.policy.PolicyName;
import io.canaryjudge.server.run.CreateRun;
import io.canaryjudge.server.run.CreateRunChecks;
import io.canaryjudge.server.store.ArmSelection;
import io.canaryjudge.server.store.RunRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Runs as messages, and back. */
final class RunMessages {

  private static final ObjectMapper JSON = new ObjectMapper();

  private RunMessages() {}

  /** A run as it is sent; its policy is shown as it was asked for, without a revision. */
  static AnalysisRun toProto(RunRecord run) {
    AnalysisRun.Builder message =
        AnalysisRun.newBuilder()
            .setName(RunNames.of(run.id()))
            .setService(run.service())
            .setBaselineVersion(run.baselineVersion())
            .setCanaryVersion(run.canaryVersion())
            .setAllowSameVersion(run.allowSameVersion())
            .setPolicy(PolicyName.of(run.policyName()))
            .setPolicyRevision(PolicyName.of(run.policyName(), run.policyRevision()))
            .setArtifactDigest(run.artifactDigest())
            .setState(Enums.toProto(run.state()))
            .setCreateTime(Timestamps.fromMillis(run.createMillis()))
            .setStartTime(Timestamps.fromMillis(run.startMillis()))
            .setCreator(run.creator())
            .setEnvironment(run.environment())
            .setAttempt(run.attempt())
            .addAllEarlierAttempts(earlierAttempts(run));
    run.labels()
        .forEach((key, value) -> message.addLabels(Label.newBuilder().setKey(key).setValue(value)));
    overrides(run.overrides()).ifPresent(message::setOverrides);
    if (!run.arms().equals(ArmSelection.DEFAULT)) {
      message.setArms(ArmMessages.toProto(run.arms()));
    }
    if (run.retrospective()) {
      message.setRetrospective(retrospective(run));
    }
    if (!run.open()) {
      message.setEndTime(Timestamps.fromMillis(run.endMillis()));
    }
    return message.build();
  }

  private static Retrospective retrospective(RunRecord run) {
    Retrospective.Builder message =
        Retrospective.newBuilder()
            .setStartTime(Timestamps.fromMillis(run.startMillis()))
            .setProducerCount(run.producerCount())
            .setFromPrometheus(run.pulled());
    if (run.rangeEndMillis() != 0) {
      message.setEndTime(Timestamps.fromMillis(run.rangeEndMillis()));
    }
    return message.build();
  }

  /** The attempts before a run, newest first. */
  static List<EarlierAttempt> earlierAttempts(RunRecord run) {
    return run.earlierAttempts().stream()
        .map(
            earlier ->
                EarlierAttempt.newBuilder()
                    .setAnalysisRun(RunNames.of(earlier.id()))
                    .setState(Enums.toProto(earlier.state()))
                    .setDecision(Enums.toProto(earlier.decision()))
                    .setCreateTime(Timestamps.fromMillis(earlier.createMillis()))
                    .build())
        .toList();
  }

  private static Optional<PolicyOverrides> overrides(String json) {
    try {
      if (!(JSON.readTree(json) instanceof ObjectNode tree) || tree.isEmpty()) {
        return Optional.empty();
      }
      PolicyOverrides.Builder overrides = PolicyOverrides.newBuilder();
      MessageTree.fill(tree, overrides);
      return Optional.of(overrides.build());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("stored overrides are not JSON", e);
    }
  }

  /**
   * A request as the runs take it, which check it further.
   *
   * @param creator who asks
   * @throws JudgeException {@code INVALID_FIELD} with every violation if there is one that only
   *     shows here
   */
  static CreateRun toCreate(CreateAnalysisRunRequest request, String creator) {
    List<FieldViolation> violations = new ArrayList<>();
    AnalysisRun run = request.getAnalysisRun();
    if (!request.hasAnalysisRun()) {
      violations.add(new FieldViolation("analysis_run", "missing", "the run to open"));
    }
    PolicyReference policy = policy(run.getPolicy(), violations);
    SortedMap<String, String> labels = new TreeMap<>();
    for (int i = 0; i < run.getLabelsCount(); i++) {
      Label label = run.getLabels(i);
      if (labels.put(label.getKey(), label.getValue()) != null) {
        violations.add(
            new FieldViolation(
                "analysis_run.labels[" + i + "].key", label.getKey(), "a key of no other label"));
      }
    }
    Optional<CreateRun.Retrospective> retrospective =
        run.hasRetrospective()
            ? Optional.of(retrospective(run.getRetrospective(), violations))
            : Optional.empty();
    CreateRun create =
        new CreateRun(
            request.getRequestId(),
            run.getService(),
            run.getBaselineVersion(),
            run.getCanaryVersion(),
            run.getAllowSameVersion(),
            ArmMessages.fromProto(run.getArms()),
            policy.name(),
            policy.revision(),
            PolicyMessages.json(run.getOverrides()),
            labels,
            run.getArtifactDigest(),
            retrospective,
            creator,
            run.getEnvironment());
    if (!violations.isEmpty()) {
      Set<String> named =
          violations.stream().map(FieldViolation::field).collect(Collectors.toSet());
      CreateRunChecks.violations(create).stream()
          .filter(violation -> !named.contains(violation.field()))
          .forEach(violations::add);
      throw JudgeException.invalid(ErrorReason.INVALID_FIELD, violations);
    }
    return create;
  }

  private record PolicyReference(String name, OptionalLong revision) {}

  /** An empty name is left to the runs, which refuse it themselves. */
  private static PolicyReference policy(String name, List<FieldViolation> violations) {
    if (name.isEmpty()) {
      return new PolicyReference("", OptionalLong.empty());
    }
    try {
      PolicyName parsed = PolicyName.parse("analysis_run.policy", name);
      return new PolicyReference(parsed.policy(), parsed.revision());
    } catch (JudgeException e) {
      violations.addAll(e.violations());
      return new PolicyReference("", OptionalLong.empty());
    }
  }

  private static CreateRun.Retrospective retrospective(
      Retrospective retrospective, List<FieldViolation> violations) {
    Timestamp start = retrospective.getStartTime();
    if (!retrospective.hasStartTime() || !Timestamps.isValid(start)) {
      violations.add(
          new FieldViolation(
              "analysis_run.retrospective.start_time",
              retrospective.hasStartTime()
                  ? start.getSeconds() + " s and " + start.getNanos() + " ns"
                  : "missing",
              "the start of the first window"));
      return new CreateRun.Retrospective(0, 1);
    }
    Timestamp end = retrospective.getEndTime();
    if (retrospective.hasEndTime() && (!Timestamps.isValid(end) || Timestamps.toMillis(end) == 0)) {
      violations.add(
          new FieldViolation(
              "analysis_run.retrospective.end_time",
              end.getSeconds() + " s and " + end.getNanos() + " ns",
              "the end of the records, after start_time"));
      end = Timestamp.getDefaultInstance();
    }
    int producers = retrospective.getProducerCount();
    return new CreateRun.Retrospective(
        Timestamps.toMillis(start),
        producers == 0 ? 1 : producers,
        Timestamps.toMillis(end),
        retrospective.getFromPrometheus());
  }
}
