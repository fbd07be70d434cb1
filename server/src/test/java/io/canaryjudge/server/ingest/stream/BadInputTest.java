package io.canaryjudge.server.ingest.stream;

import static io.canaryjudge.server.ingest.stream.WireTest.counts;
import static io.canaryjudge.server.ingest.stream.WireTest.declaring;
import static io.canaryjudge.server.ingest.stream.WireTest.series;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.util.Timestamps;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.CreatePolicyRequest;
import io.canaryjudge.proto.v1.DistributionSample;
import io.canaryjudge.proto.v1.ExplicitHistogram;
import io.canaryjudge.proto.v1.GetAnalysisRunRequest;
import io.canaryjudge.proto.v1.GetPolicyRequest;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.LintPolicyRequest;
import io.canaryjudge.proto.v1.LintPolicyResponse;
import io.canaryjudge.proto.v1.ListAnalysisRunsRequest;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.PolicyServiceGrpc;
import io.canaryjudge.proto.v1.ProportionSample;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.proto.v1.SampleRejection.Reason;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.server.SampleTotals;
import io.canaryjudge.server.TestServer;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of bad input, sent to a running server over sockets. Each gets its own status and
 * reason, names the field and what was expected, and leaves everything else unharmed: after each,
 * another producer of the same run and one of another run go on, and at the end every sample is
 * accounted for, by reason.
 */
class BadInputTest {

  // Nothing is late by accident, on however slow a machine.
  private static final String POLICY =
      """
      name: NAME
      alpha: 0.01
      beta: 0.05
      window: 1s
      lateness: LATENESS
      metrics:
        - {name: error_rate, kind: proportion, thresholds: [{limit: 0.01}]}
        - {name: latency, kind: distribution, unit: s, thresholds: [{quantile: 0.95, limit: 1}]}
      """;

  @TempDir private static Path directory;
  private static TestServer server;
  private static String run;
  private static List<Bystander> bystanders;

  private static long accepted;
  private static long late;
  private static final Map<String, Long> rejected = new TreeMap<>();
  private static int producers;

  /** A stream of a well-behaved producer. */
  private static final class Bystander {
    private final String run;
    private final WireStream stream;
    private long sequence;

    Bystander(String run) {
      this.run = run;
      stream = openStream(run, "bystander");
    }

    void sendsOn() {
      long now = System.currentTimeMillis();
      stream.send(
          declaring(++sequence)
              .addProportions(counts(2, now, 10, 0))
              .addDistributions(WireTest.values(3, now, 0.1)));
      accepted += 2;
      stream.awaitAck(sequence);
      assertThat(stream.rejections()).isEmpty();
    }
  }

  @BeforeAll
  static void start() throws Exception {
    Path policies = Files.createDirectory(directory.resolve("policies"));
    Files.writeString(policies.resolve("patient.yaml"), policy("patient", "1h"));
    Files.writeString(policies.resolve("hasty.yaml"), policy("hasty", "0s"));
    server =
        TestServer.start(
            directory,
            Map.of("policies.directory", policies.toString(), "grpc.max-message-size", "1MiB"));
    run = createRun("patient");
    bystanders = List.of(new Bystander(run), new Bystander(createRun("patient")));
  }

  private static String policy(String name, String lateness) {
    return POLICY.replace("NAME", name).replace("LATENESS", lateness);
  }

  @AfterEach
  void everybodyElseGoesOn() {
    bystanders.forEach(Bystander::sendsOn);
  }

  @AfterAll
  static void everySampleIsAccountedFor() {
    for (Bystander bystander : bystanders) {
      bystander.stream.halfClose();
      assertThat(bystander.stream.ended().isOk()).isTrue();
      assertThat(verdict(bystander.run).getOpen()).isTrue();
    }
    server.close();
    long refused = rejected.values().stream().mapToLong(Long::longValue).sum();
    assertThat(server.samples())
        .isEqualTo(new SampleTotals(accepted + late + refused, accepted, 0, late, rejected));
  }

  private static String createRun(String policy) {
    AnalysisRun wanted =
        TestServer.createRequest().getAnalysisRun().toBuilder()
            .setPolicy("policies/" + policy)
            .build();
    return create(wanted).getName();
  }

  private static AnalysisRun create(AnalysisRun wanted) {
    CreateAnalysisRunRequest request =
        TestServer.createRequest().toBuilder().setAnalysisRun(wanted).build();
    return server.judge().createAnalysisRun(request).getAnalysisRun();
  }

  private static Verdict verdict(String name) {
    return server
        .judge()
        .getVerdict(GetVerdictRequest.newBuilder().setAnalysisRun(name).build())
        .getVerdict();
  }

  private static WireStream openStream(String name, String producer) {
    WireStream stream = WireStream.begin(server.channel());
    stream.sendOpen(name, producer);
    stream.opened();
    return stream;
  }

  private static WireStream openStream() {
    return openStream(run, "p" + ++producers);
  }

  // Calls that are refused.

  /**
   * A call.
   *
   * @param field what it names; empty if it is not about a field
   * @param text what its message says
   */
  record BadCall(
      String name, Runnable call, Status.Code code, String reason, String field, String text) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<BadCall> badCalls() {
    return Stream.of(
        new BadCall(
            "unknown run",
            () -> verdict("analysisRuns/none"),
            Status.Code.NOT_FOUND,
            "RUN_NOT_FOUND",
            "",
            "There is no run none"),
        new BadCall(
            "unknown policy",
            () -> createRun("none"),
            Status.Code.NOT_FOUND,
            "POLICY_NOT_FOUND",
            "",
            "there is no policies/none"),
        new BadCall(
            "arms with the same version",
            () ->
                create(
                    TestServer.createRequest().getAnalysisRun().toBuilder()
                        .setCanaryVersion("1.4.2")
                        .build()),
            Status.Code.INVALID_ARGUMENT,
            "SAME_VERSION",
            "analysis_run.canary_version",
            "1.4.2 (expected: "),
        new BadCall(
            "unknown enum value in a request",
            () ->
                server
                    .judge()
                    .listAnalysisRuns(
                        ListAnalysisRunsRequest.newBuilder().addStatesValue(77).build()),
            Status.Code.INVALID_ARGUMENT,
            "INVALID_FIELD",
            "states[0]",
            "77 (expected: "),
        new BadCall(
            "unknown enum value in a policy",
            () -> createPolicy(policy -> policy.getMetricsBuilder(0).setKindValue(77)),
            Status.Code.INVALID_ARGUMENT,
            "POLICY_INVALID",
            "metrics[0].kind",
            "77\" (expected: one of proportion, distribution)"),
        new BadCall(
            "unknown policy key",
            () ->
                createPolicy(
                    policy ->
                        policy.setUnknownFields(
                            UnknownFieldSet.newBuilder()
                                .addField(
                                    99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                                .build())),
            Status.Code.INVALID_ARGUMENT,
            "POLICY_INVALID",
            "field 99",
            "unknown key (expected: one of name"),
        new BadCall(
            "NaN in a policy",
            () -> createPolicy(policy -> policy.setAlpha(Double.NaN)),
            Status.Code.INVALID_ARGUMENT,
            "POLICY_INVALID",
            "alpha",
            "NaN (expected: in (0, 0.5])"),
        new BadCall(
            "message over its limit",
            () -> lint(server.policies(), 1 << 20),
            Status.Code.RESOURCE_EXHAUSTED,
            "LIMIT_REACHED",
            "",
            "message: too large (expected: at most 1048576 bytes, grpc.max-message-size)"),
        new BadCall(
            "compressed message over its limit",
            () -> lint(server.policies().withCompression("gzip"), 1 << 20),
            Status.Code.RESOURCE_EXHAUSTED,
            "LIMIT_REACHED",
            "",
            "message: too large (expected: at most 1048576 bytes, grpc.max-message-size)"),
        new BadCall(
            "bytes that are no message",
            BadInputTest::sendNoMessage,
            Status.Code.INVALID_ARGUMENT,
            "INVALID_FIELD",
            "message",
            "message: other bytes (expected: a message of this method)"));
  }

  private static void lint(PolicyServiceGrpc.PolicyServiceBlockingStub policies, int characters) {
    policies.lintPolicy(LintPolicyRequest.newBuilder().setText("#".repeat(characters)).build());
  }

  private static void sendNoMessage() {
    MethodDescriptor<InputStream, LintPolicyResponse> method =
        PolicyServiceGrpc.getLintPolicyMethod().toBuilder(
                new RawBytes(), PolicyServiceGrpc.getLintPolicyMethod().getResponseMarshaller())
            .build();
    ClientCalls.blockingUnaryCall(
        server.channel(),
        method,
        CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS),
        new ByteArrayInputStream(new byte[] {(byte) 0xff, (byte) 0xff}));
  }

  private static final class RawBytes implements MethodDescriptor.Marshaller<InputStream> {

    @Override
    public InputStream stream(InputStream bytes) {
      return bytes;
    }

    @Override
    public InputStream parse(InputStream bytes) {
      return bytes;
    }
  }

  private static void createPolicy(Consumer<Policy.Builder> change) {
    Policy.Builder policy =
        server
            .policies()
            .getPolicy(GetPolicyRequest.newBuilder().setName("policies/patient").build())
            .getPolicy()
            .toBuilder()
            .setName("policies/bad");
    change.accept(policy);
    server
        .policies()
        .createPolicy(
            CreatePolicyRequest.newBuilder()
                .setPolicy(policy)
                .setAuthor("eve")
                .setReason("why not")
                .build());
  }

  @ParameterizedTest
  @MethodSource("badCalls")
  void aBadCallIsRefused(BadCall bad) {
    StatusRuntimeException error =
        catchThrowableOfType(StatusRuntimeException.class, () -> bad.call().run());

    assertThat(error).isNotNull();
    assertThat(error.getStatus().getCode()).as(error.toString()).isEqualTo(bad.code());
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    assertThat(details(status, ErrorInfo.class))
        .singleElement()
        .satisfies(info -> assertThat(info.getReason()).isEqualTo(bad.reason()));
    assertThat(status.getMessage()).contains(bad.text());
    assertThat(
            details(status, BadRequest.class).stream()
                .flatMap(request -> request.getFieldViolationsList().stream())
                .map(BadRequest.FieldViolation::getField))
        .isEqualTo(bad.field().isEmpty() ? List.of() : List.of(bad.field()));
  }

  private static <M extends Message> List<M> details(com.google.rpc.Status status, Class<M> type) {
    return status.getDetailsList().stream()
        .filter(any -> any.is(type))
        .map(any -> unpacked(any, type))
        .toList();
  }

  private static <M extends Message> M unpacked(Any any, Class<M> type) {
    try {
      return any.unpack(type);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anUnknownPolicyKeyIsRefusedOverHttpToo() throws Exception {
    var answer =
        server.post(
            "/api/v1/policies",
            """
            {"author": "eve", "reason": "why not", "policy": {
              "name": "policies/bad", "alpha": 0.01, "beta": 0.05, "window": "5s", "colour": "red",
              "metrics": [{"name": "error_rate", "kind": "METRIC_KIND_PROPORTION",
                           "thresholds": [{"limit": 0.01}]}]}}
            """);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body()).contains("INVALID_FIELD").contains("colour");
  }

  // Samples that are refused by themselves.

  /** What is sent between two good samples of a batch. */
  record BadSample(
      String name,
      Function<Long, Consumer<SampleBatch.Builder>> sample,
      Reason reason,
      String text) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<BadSample> badSamples() {
    return Stream.of(
        bad(
            "unknown metric",
            Reason.REASON_UNKNOWN_METRIC,
            "series.metric: cpu (expected: error_rate, latency)",
            now ->
                batch ->
                    batch
                        .addSeries(series(4, Arm.ARM_CANARY, "c1", "cpu"))
                        .addProportions(counts(4, now, 1, 0))),
        bad(
            "unknown enum value",
            Reason.REASON_UNKNOWN_ARM,
            "series.arm: 7 (expected: ARM_BASELINE (1) or ARM_CANARY (2))",
            now ->
                batch ->
                    batch
                        .addSeries(
                            series(4, Arm.ARM_CANARY, "c1", "latency").toBuilder().setArmValue(7))
                        .addDistributions(WireTest.values(4, now, 1))),
        bad(
            "NaN",
            Reason.REASON_NOT_FINITE,
            "distributions[1].values[0]: NaN (expected: finite, at least 0)",
            now -> batch -> batch.addDistributions(WireTest.values(3, now, Double.NaN))),
        bad(
            "infinite",
            Reason.REASON_NOT_FINITE,
            "distributions[1].values[0]: Infinity (expected: finite, at least 0)",
            now ->
                batch -> batch.addDistributions(WireTest.values(3, now, Double.POSITIVE_INFINITY))),
        bad(
            "negative",
            Reason.REASON_NEGATIVE,
            "distributions[1].values[0]: -1.0 (expected: finite, at least 0)",
            now -> batch -> batch.addDistributions(WireTest.values(3, now, -1))),
        bad(
            "failures above total",
            Reason.REASON_FAILURES_ABOVE_TOTAL,
            "proportions[1].failure_count: 6 (expected: in [0, total_count = 5])",
            now -> batch -> batch.addProportions(counts(1, now, 5, 6))),
        bad(
            "histogram with bad bounds",
            Reason.REASON_BAD_HISTOGRAM,
            "explicit.upper_bounds[1]: 0.5 (expected: finite, at least 0, above the bound before)",
            now ->
                batch ->
                    batch.addDistributions(
                        DistributionSample.newBuilder()
                            .setSeriesId(3)
                            .setTimeMillis(now)
                            .setExplicit(
                                ExplicitHistogram.newBuilder()
                                    .addAllUpperBounds(List.of(1.0, 0.5))
                                    .addAllBucketCounts(List.of(1L, 1L, 1L))))),
        bad(
            "before the start of the run",
            Reason.REASON_BEFORE_START,
            "proportions[1].time_millis: ",
            now -> batch -> batch.addProportions(counts(1, now - 3_600_000, 1, 0))),
        bad(
            "far in the future",
            Reason.REASON_IN_FUTURE,
            "proportions[1].time_millis: ",
            now -> batch -> batch.addProportions(counts(1, now + 3_600_000, 1, 0))));
  }

  private static BadSample bad(
      String name,
      Reason reason,
      String text,
      Function<Long, Consumer<SampleBatch.Builder>> sample) {
    return new BadSample(name, sample, reason, text);
  }

  @ParameterizedTest
  @MethodSource("badSamples")
  void aBadSampleIsRefusedByItself(BadSample bad) {
    long now = System.currentTimeMillis();
    WireStream stream = openStream();
    SampleBatch.Builder batch =
        declaring(1)
            .addProportions(counts(1, now, 10, 0))
            .addDistributions(WireTest.values(3, now, 0.1));
    bad.sample().apply(now).accept(batch);
    stream.send(batch.addProportions(counts(2, now, 10, 0)));
    stream.awaitAck(1);
    accepted += 3;
    rejected.merge(label(bad.reason()), 1L, Long::sum);

    assertThat(stream.rejections())
        .singleElement()
        .satisfies(
            rejection -> {
              assertThat(rejection.getSequence()).isEqualTo(1);
              assertThat(rejection.getReason()).isEqualTo(bad.reason());
              assertThat(rejection.getRejectedSampleCount()).isEqualTo(1);
              assertThat(rejection.getExample()).contains(bad.text()).contains(" (expected: ");
            });
    goesOn(stream, 2);
  }

  private static String label(Reason reason) {
    return reason.name().replace("REASON_", "").toLowerCase(Locale.ROOT);
  }

  /** The stream itself is none the worse. */
  private static void goesOn(WireStream stream, long sequence) {
    stream.send(declaring(sequence).addProportions(counts(1, System.currentTimeMillis(), 1, 0)));
    stream.awaitAck(sequence);
    accepted++;
    stream.halfClose();
    assertThat(stream.ended().isOk()).isTrue();
  }

  @Test
  void aLateSampleIsRefusedByItself() {
    String hasty = createRun("hasty");
    long start =
        Timestamps.toMillis(
            server
                .judge()
                .getAnalysisRun(GetAnalysisRunRequest.newBuilder().setName(hasty).build())
                .getAnalysisRun()
                .getStartTime());
    Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> verdict(hasty).getSealedWindowCount() > 0);
    WireStream stream = openStream(hasty, "p");
    stream.send(
        declaring(1)
            .addProportions(counts(1, start, 1, 0))
            .addProportions(counts(1, System.currentTimeMillis() + 30_000, 1, 0)));
    stream.awaitAck(1);
    late++;
    accepted++;

    assertThat(stream.rejections())
        .singleElement()
        .satisfies(
            rejection -> {
              assertThat(rejection.getReason()).isEqualTo(Reason.REASON_LATE);
              assertThat(rejection.getExample())
                  .startsWith("proportions[0].time_millis: " + start + " (expected: at least ");
            });
    stream.halfClose();
    assertThat(stream.ended().isOk()).isTrue();
  }

  // Streams that are ended.

  /** What a stream that is open, and has sent a first good batch, does next. */
  record BadStream(
      String name,
      Consumer<WireStream> act,
      int samples,
      Status.Code code,
      String reason,
      String text) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<BadStream> badStreams() {
    return Stream.of(
        new BadStream(
            "sequence gap",
            stream -> stream.send(declaring(3).addProportions(now(1))),
            1,
            Status.Code.OUT_OF_RANGE,
            "SEQUENCE_GAP",
            "batch.sequence: 3 (expected: 2, the next)"),
        new BadStream(
            "sequence below 1",
            stream -> stream.send(declaring(0).addProportions(now(1))),
            1,
            Status.Code.INVALID_ARGUMENT,
            "INVALID_FIELD",
            "batch.sequence: 0 (expected: at least 1)"),
        new BadStream(
            "batch over its limit",
            stream -> {
              SampleBatch.Builder batch = declaring(2);
              for (int i = 0; i <= 10_000; i++) {
                batch.addProportions(now(1));
              }
              stream.send(batch);
            },
            10_001,
            Status.Code.RESOURCE_EXHAUSTED,
            "LIMIT_REACHED",
            "batch: 10001 samples (expected: at most 10000)"),
        new BadStream(
            "message over its limit",
            stream ->
                stream.send(
                    declaring(2).addDistributions(WireTest.values(3, 0, new double[200_000]))),
            0,
            Status.Code.RESOURCE_EXHAUSTED,
            "LIMIT_REACHED",
            "grpc.max-message-size"),
        new BadStream(
            "stream that opens twice",
            stream -> stream.sendOpen(run, "again"),
            0,
            Status.Code.INVALID_ARGUMENT,
            "INVALID_FIELD",
            "frame: open again (expected: batch)"),
        new BadStream(
            "series declared out of order",
            stream ->
                stream.send(
                    WireTest.batch(2)
                        .addSeries(series(9, Arm.ARM_CANARY, "c1", "latency"))
                        .addDistributions(WireTest.values(9, System.currentTimeMillis(), 1))),
            1,
            Status.Code.INVALID_ARGUMENT,
            "INVALID_FIELD",
            "batch.series[0].series_id: 9 (expected: 4, the next)"));
  }

  private static ProportionSample now(int series) {
    return counts(series, System.currentTimeMillis(), 1, 0);
  }

  @ParameterizedTest
  @MethodSource("badStreams")
  void aBadStreamIsEndedAfterItsAcks(BadStream bad) {
    WireStream stream = openStream();
    String producer = "p" + producers;
    stream.send(declaring(1).addProportions(now(1)));
    stream.awaitAck(1);
    accepted++;
    bad.act().accept(stream);
    if (bad.samples() > 0) {
      rejected.merge("stream_ended", (long) bad.samples(), Long::sum);
    }

    assertThat(stream.endedWith(bad.code()).getReason()).isEqualTo(bad.reason());
    assertThat(stream.ended().getDescription()).contains(bad.text());
    WireStream again = WireStream.begin(server.channel());
    again.sendOpen(run, producer);
    assertThat(again.opened().getCommittedSequence()).isEqualTo(1);
    goesOn(again, 2);
  }

  @Test
  void aStreamIntoAnUnknownRunIsEnded() {
    WireStream stream = WireStream.begin(server.channel());
    stream.sendOpen("analysisRuns/none", "p");

    assertThat(stream.endedWith(Status.Code.NOT_FOUND).getReason()).isEqualTo("RUN_NOT_FOUND");
  }

  @Test
  void aSecondStreamOfTheSameProducerReplacesTheFirst() {
    WireStream first = openStream();
    first.send(declaring(1).addProportions(now(1)));
    first.awaitAck(1);
    accepted++;

    WireStream second = openStream(run, "p" + producers);

    assertThat(first.endedWith(Status.Code.ABORTED).getReason()).isEqualTo("STREAM_REPLACED");
    goesOn(second, 2);
  }
}
