package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.ArmSelection;
import io.canaryjudge.proto.v1.CancelAnalysisRunRequest;
import io.canaryjudge.proto.v1.Caveat;
import io.canaryjudge.proto.v1.CheckOutcome;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.GetAnalysisRunRequest;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.Label;
import io.canaryjudge.proto.v1.LabelMatcher;
import io.canaryjudge.proto.v1.ListAnalysisRunsRequest;
import io.canaryjudge.proto.v1.ListVerdictsRequest;
import io.canaryjudge.proto.v1.OverrideVerdictRequest;
import io.canaryjudge.proto.v1.PolicyOverrides;
import io.canaryjudge.proto.v1.Reason;
import io.canaryjudge.proto.v1.ReportCheckRequest;
import io.canaryjudge.proto.v1.ReportStepRequest;
import io.canaryjudge.proto.v1.Step;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.proto.v1.WatchVerdictRequest;
import io.canaryjudge.proto.v1.WatchVerdictResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gRPC door of a real server, called by a real client. */
class GrpcDoorTest {

  @TempDir private static Path directory;

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(directory);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aRunIsOpenedOnceAndFoundAgain() {
    CreateAnalysisRunRequest request =
        TestServer.createRequest().toBuilder()
            .setAnalysisRun(
                TestServer.createRequest().getAnalysisRun().toBuilder()
                    .setService("found-again")
                    .addLabels(Label.newBuilder().setKey("team").setValue("payments")))
            .build();

    AnalysisRun created = server.judge().createAnalysisRun(request).getAnalysisRun();
    AnalysisRun repeated = server.judge().createAnalysisRun(request).getAnalysisRun();

    assertThat(created.getName()).matches("analysisRuns/[0-9a-f-]{36}");
    assertThat(created.getPolicyRevision()).isEqualTo("policies/standard/revisions/1");
    assertThat(created.getState()).isEqualTo(AnalysisRun.State.STATE_PENDING);
    assertThat(created.getLabels(0).getValue()).isEqualTo("payments");
    assertThat(created.hasEndTime()).isFalse();
    assertThat(repeated).isEqualTo(created);
    assertThat(
            server
                .judge()
                .getAnalysisRun(
                    GetAnalysisRunRequest.newBuilder().setName(created.getName()).build())
                .getAnalysisRun())
        .isEqualTo(created);
    assertThat(
            server
                .judge()
                .listAnalysisRuns(
                    ListAnalysisRunsRequest.newBuilder()
                        .setService("found-again")
                        .addStates(AnalysisRun.State.STATE_PENDING)
                        .build())
                .getAnalysisRunsList())
        .containsExactly(created);
  }

  @Test
  void listsArePaged() {
    for (int i = 0; i < 3; i++) {
      create(run().setService("paged"));
    }
    List<String> names = new ArrayList<>();
    ListAnalysisRunsRequest.Builder request =
        ListAnalysisRunsRequest.newBuilder().setService("paged").setPageSize(2);
    do {
      var page = server.judge().listAnalysisRuns(request.build());
      page.getAnalysisRunsList().forEach(found -> names.add(found.getName()));
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());

    assertThat(names).hasSize(3).doesNotHaveDuplicates();
  }

  @Test
  void overridesOfAPolicyComeBack() {
    PolicyOverrides overrides =
        PolicyOverrides.newBuilder().setDeadline(Durations.fromMinutes(30)).build();

    AnalysisRun created = create(run().setOverrides(overrides));

    assertThat(created.getOverrides()).isEqualTo(overrides);
  }

  @Test
  void aSelectionOfArmsComesBack() {
    ArmSelection arms =
        ArmSelection.newBuilder()
            .addScope(LabelMatcher.newBuilder().setLabel("namespace").addValues("shop"))
            .setLabel("track")
            .setBaselineValue("stable")
            .setCanaryValue("canary")
            .build();

    assertThat(create(run().setArms(arms)).getArms()).isEqualTo(arms);
    assertThat(create(run()).hasArms()).isFalse();
    assertError(
        () -> create(run().setArms(arms.toBuilder().setCanaryValue("stable"))),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        "analysis_run.arms.canary_value");
  }

  @Test
  void everyErrorHasItsCodeItsReasonAndItsFields() {
    String run = server.createRun();

    assertError(() -> get("analysisRuns/none"), Status.Code.NOT_FOUND, "RUN_NOT_FOUND");
    assertError(() -> get("runs/1"), Status.Code.INVALID_ARGUMENT, "INVALID_FIELD", "analysis_run");
    assertError(
        () -> create(run().setCanaryVersion("1.4.2")),
        Status.Code.INVALID_ARGUMENT,
        "SAME_VERSION",
        "analysis_run.canary_version");
    assertError(
        () -> create(run().setPolicy("policies/none")), Status.Code.NOT_FOUND, "POLICY_NOT_FOUND");
    assertError(
        () ->
            create(
                run()
                    .setPolicy("policies/guardrail")
                    .setOverrides(
                        PolicyOverrides.newBuilder().setWarmUp(Durations.fromSeconds(1)))),
        Status.Code.INVALID_ARGUMENT,
        "OVERRIDE_NOT_ALLOWED",
        "analysis_run.overrides.warm_up");
    CreateAnalysisRunRequest once = TestServer.createRequest();
    server.judge().createAnalysisRun(once);
    assertError(
        () ->
            server
                .judge()
                .createAnalysisRun(
                    once.toBuilder().setAnalysisRun(run().setService("another")).build()),
        Status.Code.ALREADY_EXISTS,
        "REQUEST_ID_REUSED");
    assertError(
        () ->
            server
                .judge()
                .listAnalysisRuns(
                    ListAnalysisRunsRequest.newBuilder()
                        .addStatesValue(77)
                        .addStates(AnalysisRun.State.STATE_UNSPECIFIED)
                        .build()),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        "states[0]",
        "states[1]");
    assertError(
        () ->
            server
                .judge()
                .listAnalysisRuns(ListAnalysisRunsRequest.newBuilder().setPageSize(-1).build()),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        "page_size");
    assertError(
        () ->
            server
                .judge()
                .listAnalysisRuns(ListAnalysisRunsRequest.newBuilder().setPageToken("x").build()),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        "page_token");
    assertError(
        () ->
            server
                .judge()
                .reportCheck(
                    ReportCheckRequest.newBuilder().setAnalysisRun("x").setCheck("smoke").build()),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        "analysis_run",
        "outcome");
    assertError(
        () ->
            server
                .judge()
                .overrideVerdict(
                    OverrideVerdictRequest.newBuilder()
                        .setAnalysisRun(run)
                        .setDecision(Decision.DECISION_WAIT)
                        .build()),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        "decision");
    assertError(
        () -> server.judge().reportStep(ReportStepRequest.newBuilder().setAnalysisRun(run).build()),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        "step");
    assertError(
        () -> {
          server.judge().cancelAnalysisRun(cancel(run));
          server
              .judge()
              .reportStep(
                  ReportStepRequest.newBuilder()
                      .setAnalysisRun(run)
                      .setStep(Step.newBuilder().setIndex(1).setWeight(25))
                      .build());
        },
        Status.Code.FAILED_PRECONDITION,
        "RUN_CLOSED");
  }

  @Test
  void allFieldsOfARequestAreRefusedAtOnce() {
    assertError(
        () ->
            server
                .judge()
                .createAnalysisRun(
                    CreateAnalysisRunRequest.newBuilder()
                        .setRequestId("1")
                        .setAnalysisRun(
                            AnalysisRun.newBuilder()
                                .setCanaryVersion("x".repeat(201))
                                .setPolicy("standard"))
                        .build()),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        "request_id",
        "analysis_run.service",
        "analysis_run.baseline_version",
        "analysis_run.canary_version",
        "analysis_run.policy");
  }

  @Test
  void stepsChecksAndOverridesShowInTheVerdict() {
    String run = server.createRun();

    Verdict stepped =
        server
            .judge()
            .reportStep(
                ReportStepRequest.newBuilder()
                    .setAnalysisRun(run)
                    .setStep(Step.newBuilder().setIndex(1).setWeight(25))
                    .build())
            .getVerdict();
    Verdict checked =
        server
            .judge()
            .reportCheck(
                ReportCheckRequest.newBuilder()
                    .setAnalysisRun(run)
                    .setCheck("smoke")
                    .setOutcome(CheckOutcome.CHECK_OUTCOME_FAILED)
                    .setReason("3 of 12 failed")
                    .setLink("https://ci.example.com/1")
                    .build())
            .getVerdict();
    Verdict overridden =
        server
            .judge()
            .overrideVerdict(
                OverrideVerdictRequest.newBuilder()
                    .setAnalysisRun(run)
                    .setDecision(Decision.DECISION_NO_GO)
                    .setAuthor("Sam")
                    .setReason("smoke tests fail")
                    .build())
            .getVerdict();

    assertThat(stepped.getStep()).isEqualTo(Step.newBuilder().setIndex(1).setWeight(25).build());
    assertThat(checked.getChecks(0).getReason()).isEqualTo("3 of 12 failed");
    assertThat(checked.getRevision()).isGreaterThan(stepped.getRevision());
    assertThat(overridden.getDecision()).isEqualTo(Decision.DECISION_NO_GO);
    assertThat(overridden.getJudgedDecision()).isEqualTo(Decision.DECISION_WAIT);
    assertThat(overridden.getOverride().getAuthor()).isEqualTo("Sam");
    assertThat(overridden.getTerminal()).isTrue();
    assertThat(overridden.getExplanation()).contains("Sam");
    assertThat(overridden.getMetrics(0).getExplanation()).isNotEmpty();
    assertThat(
            server
                .judge()
                .listVerdicts(ListVerdictsRequest.newBuilder().setParent(run).build())
                .getVerdictsList())
        .extracting(Verdict::getRevision)
        .startsWith(overridden.getRevision(), checked.getRevision(), stepped.getRevision());
  }

  @Test
  void aCancelledRunIsNeverAGo() {
    String run = server.createRun();

    AnalysisRun cancelled = server.judge().cancelAnalysisRun(cancel(run)).getAnalysisRun();
    Verdict verdict = get(run);

    assertThat(cancelled.getState()).isEqualTo(AnalysisRun.State.STATE_CANCELLED);
    assertThat(cancelled.hasEndTime()).isTrue();
    assertThat(verdict.getTerminal()).isTrue();
    assertThat(verdict.getOpen()).isFalse();
    assertThat(verdict.getDecision()).isNotEqualTo(Decision.DECISION_GO);
    assertThat(verdict.getReason()).isEqualTo(Reason.REASON_CANCELLED);
  }

  @Test
  void aHeldVerdictAnswersAtTheDecisionOrWhenTimeIsOver() throws Exception {
    String run = server.createRun();

    Verdict afterWaiting =
        server
            .judge()
            .getVerdict(
                GetVerdictRequest.newBuilder()
                    .setAnalysisRun(run)
                    .setWait(Durations.fromMillis(50))
                    .build())
            .getVerdict();
    assertThat(afterWaiting.getDecision()).isEqualTo(Decision.DECISION_WAIT);
    assertThat(afterWaiting.getTerminal()).isFalse();

    CompletableFuture<Verdict> held = new CompletableFuture<>();
    server
        .judgeAsync()
        .getVerdict(
            GetVerdictRequest.newBuilder()
                .setAnalysisRun(run)
                .setWait(Durations.fromMinutes(4))
                .build(),
            new Collector<>(answer -> held.complete(answer.getVerdict()), held));
    server.judge().cancelAnalysisRun(cancel(run));

    assertThat(held.get(30, TimeUnit.SECONDS).getReason()).isEqualTo(Reason.REASON_CANCELLED);
    assertError(
        () ->
            server
                .judge()
                .getVerdict(
                    GetVerdictRequest.newBuilder()
                        .setAnalysisRun(run)
                        .setWait(Durations.fromMillis(-1))
                        .build()),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        "wait");
    assertError(
        () ->
            server
                .judge()
                .getVerdict(
                    GetVerdictRequest.newBuilder()
                        .setAnalysisRun("analysisRuns/none")
                        .setWait(Durations.fromSeconds(1))
                        .build()),
        Status.Code.NOT_FOUND,
        "RUN_NOT_FOUND");
  }

  @Test
  void aWatchEndsAfterTheLastVerdictAndCanBeResumed() {
    String run = server.createRun();
    Iterator<WatchVerdictResponse> watch =
        server.judge().watchVerdict(WatchVerdictRequest.newBuilder().setAnalysisRun(run).build());
    Verdict present = watch.next().getVerdict();
    assertThat(present.getRevision()).isZero();

    server.judge().cancelAnalysisRun(cancel(run));
    Verdict last = present;
    while (watch.hasNext()) {
      last = watch.next().getVerdict();
    }

    assertThat(last.getReason()).isEqualTo(Reason.REASON_CANCELLED);
    Iterator<WatchVerdictResponse> resumed =
        server
            .judge()
            .watchVerdict(
                WatchVerdictRequest.newBuilder()
                    .setAnalysisRun(run)
                    .setAfterRevision(last.getRevision())
                    .build());
    assertThat(resumed.hasNext()).isFalse();
    Iterator<WatchVerdictResponse> again =
        server.judge().watchVerdict(WatchVerdictRequest.newBuilder().setAnalysisRun(run).build());
    assertThat(again.next().getVerdict()).isEqualTo(last);
    assertThat(again.hasNext()).isFalse();
    assertError(
        () ->
            server
                .judge()
                .watchVerdict(
                    WatchVerdictRequest.newBuilder()
                        .setAnalysisRun("none")
                        .setAfterRevision(-1)
                        .build())
                .hasNext(),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        "analysis_run",
        "after_revision");
  }

  @Test
  void reflectionAndHealthTellOfEveryService() throws Exception {
    CompletableFuture<List<String>> services = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> reflection =
        ServerReflectionGrpc.newStub(server.channel())
            .serverReflectionInfo(
                new Collector<ServerReflectionResponse>(
                    answer ->
                        services.complete(
                            answer.getListServicesResponse().getServiceList().stream()
                                .map(ServiceResponse::getName)
                                .toList()),
                    services));
    reflection.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    assertThat(services.get(30, TimeUnit.SECONDS))
        .contains("canary.judge.v1.Judge", "canary.judge.v1.PolicyService");
    reflection.onCompleted();

    for (String service : Set.of("", "canary.judge.v1.Judge", "canary.judge.v1.PolicyService")) {
      assertThat(
              HealthGrpc.newBlockingStub(server.channel())
                  .check(HealthCheckRequest.newBuilder().setService(service).build())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
    }
  }

  private static AnalysisRun.Builder run() {
    return TestServer.createRequest().getAnalysisRun().toBuilder();
  }

  private static AnalysisRun create(AnalysisRun.Builder run) {
    return server
        .judge()
        .createAnalysisRun(
            CreateAnalysisRunRequest.newBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .setAnalysisRun(run)
                .build())
        .getAnalysisRun();
  }

  private static Verdict get(String run) {
    return server
        .judge()
        .getVerdict(GetVerdictRequest.newBuilder().setAnalysisRun(run).build())
        .getVerdict();
  }

  private static CancelAnalysisRunRequest cancel(String run) {
    return CancelAnalysisRunRequest.newBuilder()
        .setName(run)
        .setAuthor("Sam")
        .setReason("not today")
        .build();
  }

  private static void assertError(
      ThrowingCallable call, Status.Code code, String reason, String... fields) {
    StatusRuntimeException error = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(error).as(reason).isNotNull();
    assertThat(error.getStatus().getCode()).isEqualTo(code);
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    assertThat(detail(status, ErrorInfo.class).getReason()).isEqualTo(reason);
    assertThat(detail(status, ErrorInfo.class).getDomain()).isEqualTo("canaryjudge.io");
    if (fields.length > 0) {
      assertThat(detail(status, BadRequest.class).getFieldViolationsList())
          .extracting(BadRequest.FieldViolation::getField)
          .containsExactlyInAnyOrder(fields);
      assertThat(detail(status, BadRequest.class).getFieldViolationsList())
          .allSatisfy(violation -> assertThat(violation.getDescription()).contains("expected: "));
    }
  }

  private static <M extends com.google.protobuf.Message> M detail(
      com.google.rpc.Status status, Class<M> type) {
    for (Any any : status.getDetailsList()) {
      if (any.is(type)) {
        try {
          return any.unpack(type);
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }
    }
    throw new AssertionError("no " + type.getSimpleName() + " in " + status);
  }

  @Test
  void aRunAndItsVerdictSayWhichAttemptItIs() {
    AnalysisRun.Builder wanted =
        AnalysisRun.newBuilder()
            .setService("retried")
            .setBaselineVersion("1.0")
            .setCanaryVersion("1.1")
            .setPolicy("policies/standard")
            .setArtifactDigest("sha256:1")
            .setEnvironment("staging");
    List<AnalysisRun> runs = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      runs.add(
          server
              .judge()
              .createAnalysisRun(
                  CreateAnalysisRunRequest.newBuilder()
                      .setAnalysisRun(wanted)
                      .setRequestId(UUID.randomUUID().toString())
                      .build())
              .getAnalysisRun());
    }
    assertThat(runs).extracting(AnalysisRun::getAttempt).containsExactly(1, 2);
    AnalysisRun second = runs.getLast();
    assertThat(second.getEnvironment()).isEqualTo("staging");
    assertThat(second.getEarlierAttempts(0).getAnalysisRun()).isEqualTo(runs.getFirst().getName());
    Verdict verdict =
        server
            .judge()
            .getVerdict(GetVerdictRequest.newBuilder().setAnalysisRun(second.getName()).build())
            .getVerdict();
    assertThat(verdict.getAttempt()).isEqualTo(2);
    assertThat(verdict.getEarlierAttemptsList()).isEqualTo(second.getEarlierAttemptsList());
    assertThat(verdict.getExplanation()).contains("attempt 2 at the same artifact");
    assertThat(verdict.getCaveatsList()).doesNotContain(Caveat.CAVEAT_ATTEMPTS_NOT_LINKED);
  }
}
