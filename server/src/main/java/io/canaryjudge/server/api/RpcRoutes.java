package io.canaryjudge.server.api;

import com.google.protobuf.Message;
import io.canaryjudge.proto.v1.CancelAnalysisRunRequest;
import io.canaryjudge.proto.v1.CancelAnalysisRunResponse;
import io.canaryjudge.proto.v1.CheckMetricSourcesRequest;
import io.canaryjudge.proto.v1.CheckMetricSourcesResponse;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.CreateAnalysisRunResponse;
import io.canaryjudge.proto.v1.CreatePolicyRequest;
import io.canaryjudge.proto.v1.CreatePolicyResponse;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.DeletePolicyRequest;
import io.canaryjudge.proto.v1.DeletePolicyResponse;
import io.canaryjudge.proto.v1.GetAnalysisRunRequest;
import io.canaryjudge.proto.v1.GetAnalysisRunResponse;
import io.canaryjudge.proto.v1.GetPolicyRequest;
import io.canaryjudge.proto.v1.GetPolicyResponse;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.GetVerdictResponse;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.LintPolicyRequest;
import io.canaryjudge.proto.v1.LintPolicyResponse;
import io.canaryjudge.proto.v1.ListAnalysisRunsRequest;
import io.canaryjudge.proto.v1.ListAnalysisRunsResponse;
import io.canaryjudge.proto.v1.ListPoliciesRequest;
import io.canaryjudge.proto.v1.ListPoliciesResponse;
import io.canaryjudge.proto.v1.ListPolicyRevisionsRequest;
import io.canaryjudge.proto.v1.ListPolicyRevisionsResponse;
import io.canaryjudge.proto.v1.ListVerdictsRequest;
import io.canaryjudge.proto.v1.ListVerdictsResponse;
import io.canaryjudge.proto.v1.OverrideVerdictRequest;
import io.canaryjudge.proto.v1.OverrideVerdictResponse;
import io.canaryjudge.proto.v1.PolicyServiceGrpc;
import io.canaryjudge.proto.v1.ReplayAnalysisRunRequest;
import io.canaryjudge.proto.v1.ReplayAnalysisRunResponse;
import io.canaryjudge.proto.v1.ReportCheckRequest;
import io.canaryjudge.proto.v1.ReportCheckResponse;
import io.canaryjudge.proto.v1.ReportStepRequest;
import io.canaryjudge.proto.v1.ReportStepResponse;
import io.canaryjudge.proto.v1.UpdatePolicyRequest;
import io.canaryjudge.proto.v1.UpdatePolicyResponse;
import io.canaryjudge.proto.v1.WatchVerdictRequest;
import io.canaryjudge.proto.v1.WatchVerdictResponse;
import io.grpc.MethodDescriptor;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.BiConsumer;

/** Every RPC that can be called over HTTP, and how. Sample streams cannot: they need gRPC. */
final class RpcRoutes {

  private static final String RUNS = "/api/v1/analysisRuns";
  private static final String RUN = RUNS + "/{run}";
  private static final String RUN_NAME = "analysisRuns/{run}";
  private static final String POLICIES = "/api/v1/policies";
  private static final String POLICY = POLICIES + "/{policy}";
  private static final String POLICY_NAME = "policies/{policy}";

  private RpcRoutes() {}

  static List<RpcRoute<?, ?>> of(
      JudgeGrpc.AsyncService judge, PolicyServiceGrpc.AsyncService policies) {
    return List.of(
        route(
            "POST",
            RUNS,
            "",
            "",
            JudgeGrpc.getCreateAnalysisRunMethod(),
            CreateAnalysisRunRequest.getDefaultInstance(),
            CreateAnalysisRunResponse.getDefaultInstance(),
            judge::createAnalysisRun),
        route(
            "GET",
            RUNS,
            "",
            "",
            JudgeGrpc.getListAnalysisRunsMethod(),
            ListAnalysisRunsRequest.getDefaultInstance(),
            ListAnalysisRunsResponse.getDefaultInstance(),
            judge::listAnalysisRuns),
        route(
            "GET",
            RUN,
            "name",
            RUN_NAME,
            JudgeGrpc.getGetAnalysisRunMethod(),
            GetAnalysisRunRequest.getDefaultInstance(),
            GetAnalysisRunResponse.getDefaultInstance(),
            judge::getAnalysisRun),
        route(
            "POST",
            RUN + "/cancel",
            "name",
            RUN_NAME,
            JudgeGrpc.getCancelAnalysisRunMethod(),
            CancelAnalysisRunRequest.getDefaultInstance(),
            CancelAnalysisRunResponse.getDefaultInstance(),
            judge::cancelAnalysisRun),
        route(
            "POST",
            RUN + "/steps",
            "analysis_run",
            RUN_NAME,
            JudgeGrpc.getReportStepMethod(),
            ReportStepRequest.getDefaultInstance(),
            ReportStepResponse.getDefaultInstance(),
            judge::reportStep),
        route(
            "POST",
            RUN + "/checks",
            "analysis_run",
            RUN_NAME,
            JudgeGrpc.getReportCheckMethod(),
            ReportCheckRequest.getDefaultInstance(),
            ReportCheckResponse.getDefaultInstance(),
            judge::reportCheck),
        route(
            "POST",
            RUN + "/override",
            "analysis_run",
            RUN_NAME,
            JudgeGrpc.getOverrideVerdictMethod(),
            OverrideVerdictRequest.getDefaultInstance(),
            OverrideVerdictResponse.getDefaultInstance(),
            judge::overrideVerdict),
        route(
            "GET",
            RUN + "/verdict",
            "analysis_run",
            RUN_NAME,
            JudgeGrpc.getGetVerdictMethod(),
            GetVerdictRequest.getDefaultInstance(),
            GetVerdictResponse.getDefaultInstance(),
            judge::getVerdict),
        new RpcRoute<>(
            "GET",
            RUN + "/ready",
            "analysis_run",
            RUN_NAME,
            JudgeGrpc.getGetVerdictMethod(),
            GetVerdictRequest.getDefaultInstance(),
            GetVerdictResponse.getDefaultInstance(),
            judge::getVerdict,
            answer -> answer.getVerdict().getDecision() == Decision.DECISION_GO),
        route(
            "GET",
            RUN + "/verdict/events",
            "analysis_run",
            RUN_NAME,
            JudgeGrpc.getWatchVerdictMethod(),
            WatchVerdictRequest.getDefaultInstance(),
            WatchVerdictResponse.getDefaultInstance(),
            judge::watchVerdict),
        route(
            "GET",
            RUN + "/verdicts",
            "parent",
            RUN_NAME,
            JudgeGrpc.getListVerdictsMethod(),
            ListVerdictsRequest.getDefaultInstance(),
            ListVerdictsResponse.getDefaultInstance(),
            judge::listVerdicts),
        route(
            "GET",
            RUN + "/replay",
            "name",
            RUN_NAME,
            JudgeGrpc.getReplayAnalysisRunMethod(),
            ReplayAnalysisRunRequest.getDefaultInstance(),
            ReplayAnalysisRunResponse.getDefaultInstance(),
            judge::replayAnalysisRun),
        route(
            "POST",
            POLICIES + "/lint",
            "",
            "",
            PolicyServiceGrpc.getLintPolicyMethod(),
            LintPolicyRequest.getDefaultInstance(),
            LintPolicyResponse.getDefaultInstance(),
            policies::lintPolicy),
        route(
            "POST",
            POLICIES + "/checkSources",
            "",
            "",
            PolicyServiceGrpc.getCheckMetricSourcesMethod(),
            CheckMetricSourcesRequest.getDefaultInstance(),
            CheckMetricSourcesResponse.getDefaultInstance(),
            policies::checkMetricSources),
        route(
            "POST",
            POLICIES,
            "",
            "",
            PolicyServiceGrpc.getCreatePolicyMethod(),
            CreatePolicyRequest.getDefaultInstance(),
            CreatePolicyResponse.getDefaultInstance(),
            policies::createPolicy),
        route(
            "GET",
            POLICIES,
            "",
            "",
            PolicyServiceGrpc.getListPoliciesMethod(),
            ListPoliciesRequest.getDefaultInstance(),
            ListPoliciesResponse.getDefaultInstance(),
            policies::listPolicies),
        route(
            "GET",
            POLICY,
            "name",
            POLICY_NAME,
            PolicyServiceGrpc.getGetPolicyMethod(),
            GetPolicyRequest.getDefaultInstance(),
            GetPolicyResponse.getDefaultInstance(),
            policies::getPolicy),
        route(
            "PATCH",
            POLICY,
            "policy.name",
            POLICY_NAME,
            PolicyServiceGrpc.getUpdatePolicyMethod(),
            UpdatePolicyRequest.getDefaultInstance(),
            UpdatePolicyResponse.getDefaultInstance(),
            policies::updatePolicy),
        route(
            "DELETE",
            POLICY,
            "name",
            POLICY_NAME,
            PolicyServiceGrpc.getDeletePolicyMethod(),
            DeletePolicyRequest.getDefaultInstance(),
            DeletePolicyResponse.getDefaultInstance(),
            policies::deletePolicy),
        route(
            "GET",
            POLICY + "/revisions",
            "parent",
            POLICY_NAME,
            PolicyServiceGrpc.getListPolicyRevisionsMethod(),
            ListPolicyRevisionsRequest.getDefaultInstance(),
            ListPolicyRevisionsResponse.getDefaultInstance(),
            policies::listPolicyRevisions),
        route(
            "GET",
            POLICY + "/revisions/{revision}",
            "name",
            POLICY_NAME + "/revisions/{revision}",
            PolicyServiceGrpc.getGetPolicyMethod(),
            GetPolicyRequest.getDefaultInstance(),
            GetPolicyResponse.getDefaultInstance(),
            policies::getPolicy));
  }

  private static <Q extends Message, R extends Message> RpcRoute<Q, R> route(
      String method,
      String path,
      String field,
      String fieldValue,
      MethodDescriptor<Q, R> rpc,
      Q request,
      R response,
      BiConsumer<Q, StreamObserver<R>> call) {
    return new RpcRoute<>(method, path, field, fieldValue, rpc, request, response, call, _ -> true);
  }
}
