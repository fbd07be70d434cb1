package io.canaryjudge.server.api;

import com.google.protobuf.util.Durations;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.CancelAnalysisRunRequest;
import io.canaryjudge.proto.v1.CancelAnalysisRunResponse;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.CreateAnalysisRunResponse;
import io.canaryjudge.proto.v1.GetAnalysisRunRequest;
import io.canaryjudge.proto.v1.GetAnalysisRunResponse;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.GetVerdictResponse;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.ListAnalysisRunsRequest;
import io.canaryjudge.proto.v1.ListAnalysisRunsResponse;
import io.canaryjudge.proto.v1.ListVerdictsRequest;
import io.canaryjudge.proto.v1.ListVerdictsResponse;
import io.canaryjudge.proto.v1.OverrideVerdictRequest;
import io.canaryjudge.proto.v1.OverrideVerdictResponse;
import io.canaryjudge.proto.v1.ReplayAnalysisRunRequest;
import io.canaryjudge.proto.v1.ReplayAnalysisRunResponse;
import io.canaryjudge.proto.v1.ReportCheckRequest;
import io.canaryjudge.proto.v1.ReportCheckResponse;
import io.canaryjudge.proto.v1.ReportStepRequest;
import io.canaryjudge.proto.v1.ReportStepResponse;
import io.canaryjudge.proto.v1.StreamSamplesRequest;
import io.canaryjudge.proto.v1.StreamSamplesResponse;
import io.canaryjudge.proto.v1.VerdictDifference;
import io.canaryjudge.proto.v1.WatchVerdictRequest;
import io.canaryjudge.proto.v1.WatchVerdictResponse;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.stream.SampleStreamHandler;
import io.canaryjudge.server.run.RunReplay;
import io.canaryjudge.server.run.RunSnapshot;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.store.Page;
import io.canaryjudge.server.store.RunFilter;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.StoredVerdict;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The service for deploy tools and producers: requests checked, runs asked, answers mapped. */
public final class JudgeGrpcService extends JudgeGrpc.JudgeImplBase {

  private static final Duration MAX_WAIT = Duration.ofMinutes(5);

  // A replay costs as much processor time as the run itself did, only at once.
  private static final int MAX_REPLAYS = 2;
  private static final int MAX_DIFFERENCES = 20;

  private final Runs runs;
  private final SampleStreamHandler samples;
  private final UnaryCalls calls;
  private final UnaryCalls replays = new UnaryCalls("replays", MAX_REPLAYS);
  private final Watches watches;
  private final LongPolls longPolls;

  /**
   * Serves runs.
   *
   * @param samples takes the sample streams
   * @param calls where unary calls are answered
   * @param watches where calls that wait for verdicts have their places
   */
  public JudgeGrpcService(
      Runs runs, SampleStreamHandler samples, UnaryCalls calls, Watches watches) {
    this.runs = runs;
    this.samples = samples;
    this.calls = calls;
    this.watches = watches;
    this.longPolls = new LongPolls(runs, watches);
  }

  @Override
  public void createAnalysisRun(
      CreateAnalysisRunRequest request, StreamObserver<CreateAnalysisRunResponse> observer) {
    calls.answer(
        observer,
        () -> {
          RunRecord run = runs.create(RunMessages.toCreate(request, CallContext.caller().name()));
          return CreateAnalysisRunResponse.newBuilder()
              .setAnalysisRun(RunMessages.toProto(run))
              .build();
        });
  }

  @Override
  public void getAnalysisRun(
      GetAnalysisRunRequest request, StreamObserver<GetAnalysisRunResponse> observer) {
    calls.answer(
        observer,
        () -> {
          RunRecord run = runs.find(RunNames.id("name", request.getName()));
          return GetAnalysisRunResponse.newBuilder()
              .setAnalysisRun(RunMessages.toProto(run))
              .build();
        });
  }

  @Override
  public void listAnalysisRuns(
      ListAnalysisRunsRequest request, StreamObserver<ListAnalysisRunsResponse> observer) {
    calls.answer(
        observer,
        () -> {
          RunFilter filter = new RunFilter(request.getService(), states(request));
          Page<RunRecord> page =
              runs.list(filter, PageSizes.of(request.getPageSize()), request.getPageToken());
          return ListAnalysisRunsResponse.newBuilder()
              .addAllAnalysisRuns(page.items().stream().map(RunMessages::toProto).toList())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  private static Set<RunState> states(ListAnalysisRunsRequest request) {
    Set<RunState> states = EnumSet.noneOf(RunState.class);
    List<FieldViolation> violations = new ArrayList<>();
    for (int i = 0; i < request.getStatesCount(); i++) {
      AnalysisRun.State came = request.getStates(i);
      Optional<RunState> state = Enums.fromProto(came);
      state.ifPresent(states::add);
      if (state.isEmpty()) {
        String shown =
            came == AnalysisRun.State.UNRECOGNIZED
                ? Integer.toString(request.getStatesValue(i))
                : came.name();
        violations.add(new FieldViolation("states[" + i + "]", shown, "a state of a run"));
      }
    }
    refuse(violations);
    return states;
  }

  @Override
  public StreamObserver<StreamSamplesRequest> streamSamples(
      StreamObserver<StreamSamplesResponse> observer) {
    return samples.stream(observer);
  }

  @Override
  public void getVerdict(GetVerdictRequest request, StreamObserver<GetVerdictResponse> observer) {
    if (!request.hasWait() || Durations.compare(request.getWait(), Durations.ZERO) == 0) {
      calls.answer(
          observer,
          () -> answer(runs.snapshot(RunNames.id("analysis_run", request.getAnalysisRun()))));
    } else {
      longPolls.answer(
          observer,
          () -> RunNames.id("analysis_run", request.getAnalysisRun()),
          () -> wait(request.getWait()),
          JudgeGrpcService::answer);
    }
  }

  private static GetVerdictResponse answer(RunSnapshot snapshot) {
    return GetVerdictResponse.newBuilder().setVerdict(VerdictMessages.toProto(snapshot)).build();
  }

  private static Duration wait(com.google.protobuf.Duration wait) {
    if (!Durations.isValid(wait) || Durations.isNegative(wait)) {
      throw JudgeException.invalidField(
          "wait", wait.getSeconds() + " s and " + wait.getNanos() + " ns", "in [0 s, 5 min]");
    }
    Duration asked = Duration.ofSeconds(wait.getSeconds(), wait.getNanos());
    return asked.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : asked;
  }

  @Override
  public void watchVerdict(
      WatchVerdictRequest request, StreamObserver<WatchVerdictResponse> observer) {
    watch(request, new GrpcReader((ServerCallStreamObserver<WatchVerdictResponse>) observer));
  }

  /** Begins a watch, whichever door its reader is at. */
  VerdictWatch watch(WatchVerdictRequest request, VerdictWatch.Reader reader) {
    VerdictWatch watch = new VerdictWatch(reader, request.getFollowAfterGo());
    if (reader instanceof GrpcReader grpc) {
      grpc.observer().setOnReadyHandler(watch::ready);
      grpc.observer().setOnCancelHandler(watch::stop);
    }
    Thread.ofVirtual().name("watch").start(() -> begin(request, watch));
    return watch;
  }

  private void begin(WatchVerdictRequest request, VerdictWatch watch) {
    List<FieldViolation> violations = new ArrayList<>();
    String id = RunNames.id("analysis_run", request.getAnalysisRun(), violations::add);
    if (request.getAfterRevision() < 0) {
      violations.add(
          new FieldViolation(
              "after_revision", Long.toString(request.getAfterRevision()), "at least 0"));
    }
    if (!violations.isEmpty()) {
      watch.fail(JudgeException.invalid(ErrorReason.INVALID_FIELD, violations));
      return;
    }
    watch.begin(runs, watches, id, request.getAfterRevision());
  }

  private record GrpcReader(ServerCallStreamObserver<WatchVerdictResponse> observer)
      implements VerdictWatch.Reader {

    @Override
    public boolean isReady() {
      return observer.isReady();
    }

    @Override
    public void send(WatchVerdictResponse message) {
      observer.onNext(message);
    }

    @Override
    public void end() {
      observer.onCompleted();
    }

    @Override
    public void fail(Throwable error) {
      observer.onError(GrpcErrors.toStatus(error));
    }
  }

  @Override
  public void listVerdicts(
      ListVerdictsRequest request, StreamObserver<ListVerdictsResponse> observer) {
    calls.answer(
        observer,
        () -> {
          String id = RunNames.id("parent", request.getParent());
          int pageSize = PageSizes.of(request.getPageSize());
          VerdictMessages messages = VerdictMessages.of(runs.find(id));
          Page<StoredVerdict> page = runs.verdicts(id, pageSize, request.getPageToken());
          return ListVerdictsResponse.newBuilder()
              .addAllVerdicts(
                  page.items().stream().map(stored -> messages.toProto(stored.verdict())).toList())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void replayAnalysisRun(
      ReplayAnalysisRunRequest request, StreamObserver<ReplayAnalysisRunResponse> observer) {
    replays.answer(
        observer,
        () -> {
          String id = RunNames.id("name", request.getName());
          VerdictMessages messages = VerdictMessages.of(runs.find(id));
          RunReplay.Outcome outcome = runs.replay(id);
          return ReplayAnalysisRunResponse.newBuilder()
              .setEntryCount(outcome.entries())
              .setComparedVerdictCount(outcome.compared())
              .setDifferentVerdictCount(outcome.differences().size())
              .addAllDifferences(
                  outcome.differences().stream()
                      .limit(MAX_DIFFERENCES)
                      .map(difference -> difference(messages, difference))
                      .toList())
              .setVerdict(messages.toProto(outcome.last()))
              .build();
        });
  }

  private static VerdictDifference difference(
      VerdictMessages messages, RunReplay.Difference difference) {
    VerdictDifference.Builder message =
        VerdictDifference.newBuilder().setRecorded(messages.toProto(difference.stored()));
    if (difference.replayed() != null) {
      message.setReplayed(messages.toProto(difference.replayed()));
    }
    return message.build();
  }

  @Override
  public void reportStep(ReportStepRequest request, StreamObserver<ReportStepResponse> observer) {
    calls.answer(
        observer,
        () -> {
          List<FieldViolation> violations = new ArrayList<>();
          String id = RunNames.id("analysis_run", request.getAnalysisRun(), violations::add);
          if (!request.hasStep()) {
            violations.add(
                new FieldViolation("step", "missing", "the step that traffic is at now"));
          }
          refuse(violations);
          RunSnapshot snapshot =
              committed(
                  runs.reportStep(
                      id,
                      request.getStep().getIndex(),
                      request.getStep().getWeight(),
                      CallContext.caller().name()));
          return ReportStepResponse.newBuilder()
              .setVerdict(VerdictMessages.toProto(snapshot))
              .build();
        });
  }

  @Override
  public void reportCheck(
      ReportCheckRequest request, StreamObserver<ReportCheckResponse> observer) {
    calls.answer(
        observer,
        () -> {
          List<FieldViolation> violations = new ArrayList<>();
          String id = RunNames.id("analysis_run", request.getAnalysisRun(), violations::add);
          var outcome = Enums.fromProto(request.getOutcome());
          if (outcome.isEmpty()) {
            violations.add(
                new FieldViolation(
                    "outcome",
                    Integer.toString(request.getOutcomeValue()),
                    "CHECK_OUTCOME_PENDING, CHECK_OUTCOME_PASSED or CHECK_OUTCOME_FAILED"));
          }
          refuse(violations);
          RunSnapshot snapshot =
              committed(
                  runs.reportCheck(
                      id,
                      request.getCheck(),
                      outcome.orElseThrow(),
                      request.getReason(),
                      request.getLink(),
                      CallContext.caller().name()));
          return ReportCheckResponse.newBuilder()
              .setVerdict(VerdictMessages.toProto(snapshot))
              .build();
        });
  }

  @Override
  public void overrideVerdict(
      OverrideVerdictRequest request, StreamObserver<OverrideVerdictResponse> observer) {
    calls.answer(
        observer,
        () -> {
          List<FieldViolation> violations = new ArrayList<>();
          String id = RunNames.id("analysis_run", request.getAnalysisRun(), violations::add);
          var decision = Enums.overrideFromProto(request.getDecision());
          if (decision.isEmpty()) {
            violations.add(
                new FieldViolation(
                    "decision",
                    Integer.toString(request.getDecisionValue()),
                    "DECISION_GO or DECISION_NO_GO"));
          }
          refuse(violations);
          RunSnapshot snapshot =
              committed(
                  runs.override(
                      id,
                      decision.orElseThrow(),
                      request.getAuthor(),
                      request.getReason(),
                      CallContext.caller().name()));
          return OverrideVerdictResponse.newBuilder()
              .setVerdict(VerdictMessages.toProto(snapshot))
              .build();
        });
  }

  @Override
  public void cancelAnalysisRun(
      CancelAnalysisRunRequest request, StreamObserver<CancelAnalysisRunResponse> observer) {
    calls.answer(
        observer,
        () -> {
          RunSnapshot snapshot =
              committed(
                  runs.cancel(
                      RunNames.id("name", request.getName()),
                      request.getAuthor(),
                      request.getReason(),
                      CallContext.caller().name()));
          return CancelAnalysisRunResponse.newBuilder()
              .setAnalysisRun(RunMessages.toProto(snapshot.run()))
              .build();
        });
  }

  /** Waits for the commit; on a virtual thread, so nobody else waits. */
  private static RunSnapshot committed(CompletableFuture<RunSnapshot> report) {
    return report.join();
  }

  private static void refuse(List<FieldViolation> violations) {
    if (!violations.isEmpty()) {
      throw JudgeException.invalid(ErrorReason.INVALID_FIELD, violations);
    }
  }
}
