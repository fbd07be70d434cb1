package io.canaryjudge.server.api;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.FieldMask;
import io.canaryjudge.proto.v1.CheckMetricSourcesRequest;
import io.canaryjudge.proto.v1.CheckMetricSourcesResponse;
import io.canaryjudge.proto.v1.CreatePolicyRequest;
import io.canaryjudge.proto.v1.CreatePolicyResponse;
import io.canaryjudge.proto.v1.DeletePolicyRequest;
import io.canaryjudge.proto.v1.DeletePolicyResponse;
import io.canaryjudge.proto.v1.GetPolicyRequest;
import io.canaryjudge.proto.v1.GetPolicyResponse;
import io.canaryjudge.proto.v1.LintPolicyRequest;
import io.canaryjudge.proto.v1.LintPolicyResponse;
import io.canaryjudge.proto.v1.ListPoliciesRequest;
import io.canaryjudge.proto.v1.ListPoliciesResponse;
import io.canaryjudge.proto.v1.ListPolicyRevisionsRequest;
import io.canaryjudge.proto.v1.ListPolicyRevisionsResponse;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.PolicyServiceGrpc;
import io.canaryjudge.proto.v1.UpdatePolicyRequest;
import io.canaryjudge.proto.v1.UpdatePolicyResponse;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.pull.SourceCheck;
import io.canaryjudge.server.ingest.series.SourceSurvey;
import io.canaryjudge.server.policy.Policies;
import io.canaryjudge.server.policy.PolicyChange;
import io.canaryjudge.server.policy.PolicyFindings;
import io.canaryjudge.server.policy.PolicyName;
import io.canaryjudge.server.policy.PolicyReader;
import io.canaryjudge.server.policy.PolicyReading;
import io.canaryjudge.server.policy.PolicyRevision;
import io.canaryjudge.server.store.Page;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;

/** The service for SREs: policies as messages. */
public final class PolicyGrpcService extends PolicyServiceGrpc.PolicyServiceImplBase {

  // The name says which policy it is, and the server counts.
  private static final Set<String> NOT_REPLACED = Set.of("name", "revision", "etag");

  private final Policies policies;
  private final UnaryCalls calls;
  private final Optional<SourceCheck> sources;

  /** Serves policies, where there is no server to look for series. */
  public PolicyGrpcService(Policies policies, UnaryCalls calls) {
    this(policies, calls, Optional.empty());
  }

  /**
   * Serves policies.
   *
   * @param calls where the calls are answered
   * @param sources looks for series; empty if there is no server to look at
   */
  public PolicyGrpcService(Policies policies, UnaryCalls calls, Optional<SourceCheck> sources) {
    this.policies = policies;
    this.calls = calls;
    this.sources = sources;
  }

  @Override
  public void createPolicy(
      CreatePolicyRequest request, StreamObserver<CreatePolicyResponse> observer) {
    calls.answer(
        observer,
        () -> {
          PolicyRevision created =
              policies.create(
                  PolicyMessages.tree(request.getPolicy()),
                  change(request.getAuthor(), request.getReason()),
                  request.getRequestId(),
                  request.getValidateOnly());
          return CreatePolicyResponse.newBuilder()
              .setPolicy(PolicyMessages.policy(created))
              .build();
        });
  }

  @Override
  public void getPolicy(GetPolicyRequest request, StreamObserver<GetPolicyResponse> observer) {
    calls.answer(
        observer,
        () -> {
          PolicyRevision revision = policies.get(PolicyName.parse("name", request.getName()));
          return GetPolicyResponse.newBuilder().setPolicy(PolicyMessages.policy(revision)).build();
        });
  }

  @Override
  public void listPolicies(
      ListPoliciesRequest request, StreamObserver<ListPoliciesResponse> observer) {
    calls.answer(
        observer,
        () -> {
          Page<PolicyRevision> page =
              policies.list(PageSizes.of(request.getPageSize()), request.getPageToken());
          return ListPoliciesResponse.newBuilder()
              .addAllPolicies(page.items().stream().map(PolicyMessages::policy).toList())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void updatePolicy(
      UpdatePolicyRequest request, StreamObserver<UpdatePolicyResponse> observer) {
    calls.answer(
        observer,
        () -> {
          PolicyRevision updated =
              policies.update(
                  PolicyName.parsePolicy("policy.name", request.getPolicy().getName()),
                  request.getPolicy().getEtag(),
                  PolicyMessages.tree(request.getPolicy()),
                  keys(request.getUpdateMask()),
                  change(request.getAuthor(), request.getReason()),
                  request.getValidateOnly());
          return UpdatePolicyResponse.newBuilder()
              .setPolicy(PolicyMessages.policy(updated))
              .build();
        });
  }

  @Override
  public void deletePolicy(
      DeletePolicyRequest request, StreamObserver<DeletePolicyResponse> observer) {
    calls.answer(
        observer,
        () -> {
          policies.delete(
              PolicyName.parsePolicy("name", request.getName()),
              request.getEtag(),
              request.getAllowMissing(),
              change(request.getAuthor(), request.getReason()));
          return DeletePolicyResponse.getDefaultInstance();
        });
  }

  @Override
  public void listPolicyRevisions(
      ListPolicyRevisionsRequest request, StreamObserver<ListPolicyRevisionsResponse> observer) {
    calls.answer(
        observer,
        () -> {
          Page<PolicyRevision> page =
              policies.revisions(
                  PolicyName.parsePolicy("parent", request.getParent()),
                  PageSizes.of(request.getPageSize()),
                  request.getPageToken());
          return ListPolicyRevisionsResponse.newBuilder()
              .addAllPolicyRevisions(page.items().stream().map(PolicyMessages::revision).toList())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void lintPolicy(LintPolicyRequest request, StreamObserver<LintPolicyResponse> observer) {
    calls.answer(
        observer,
        () -> {
          PolicyReading reading =
              switch (request.getSourceCase()) {
                case POLICY -> PolicyReader.read(PolicyMessages.tree(request.getPolicy()));
                case TEXT -> PolicyReader.read(request.getText());
                case SOURCE_NOT_SET ->
                    throw JudgeException.invalidField("source", "missing", "policy or text");
              };
          LintPolicyResponse.Builder response =
              LintPolicyResponse.newBuilder()
                  .addAllFindings(PolicyMessages.findings(PolicyFindings.of(reading)));
          if (reading instanceof PolicyReading.Valid(var policy)) {
            response.setPolicy(PolicyMessages.policy(policy));
          }
          return response.build();
        });
  }

  @Override
  public void checkMetricSources(
      CheckMetricSourcesRequest request, StreamObserver<CheckMetricSourcesResponse> observer) {
    calls.answer(
        observer,
        () -> {
          SourceMessages.check(request);
          SourceSurvey survey =
              new SourceSurvey(
                  policy(request),
                  request.getService(),
                  request.getBaselineVersion(),
                  request.getCanaryVersion(),
                  ArmMessages.fromProto(request.getArms()));
          Duration range = SourceMessages.range(request);
          if (sources.isPresent()) {
            sources.get().read(survey, range);
          } else {
            survey.problem("this server has no setting prometheus.url");
          }
          return SourceMessages.response(survey.result());
        });
  }

  private io.canaryjudge.analysis.policy.Policy policy(CheckMetricSourcesRequest request) {
    return switch (request.getSourceCase()) {
      case POLICY -> PolicyReader.read(PolicyMessages.tree(request.getPolicy())).orThrow();
      case TEXT -> PolicyReader.read(request.getText()).orThrow();
      case NAME -> policies.get(PolicyName.parse("name", request.getName())).policy();
      case SOURCE_NOT_SET ->
          throw JudgeException.invalidField("source", "missing", "policy, text or name");
    };
  }

  private static PolicyChange change(String author, String reason) {
    return new PolicyChange(author, reason, CallContext.caller().name());
  }

  /** The keys to replace; none for all. */
  private static SequencedSet<String> keys(FieldMask mask) {
    SequencedSet<String> keys = new LinkedHashSet<>();
    List<String> replaceable =
        Policy.getDescriptor().getFields().stream()
            .map(FieldDescriptor::getName)
            .filter(name -> !NOT_REPLACED.contains(name))
            .toList();
    List<FieldViolation> violations = new ArrayList<>();
    for (int i = 0; i < mask.getPathsCount(); i++) {
      String path = mask.getPaths(i);
      if (!replaceable.contains(path)) {
        violations.add(
            new FieldViolation(
                "update_mask.paths[" + i + "]", path, "one of " + String.join(", ", replaceable)));
      }
      keys.add(path);
    }
    if (!violations.isEmpty()) {
      throw JudgeException.invalid(ErrorReason.INVALID_FIELD, violations);
    }
    return keys;
  }
}
