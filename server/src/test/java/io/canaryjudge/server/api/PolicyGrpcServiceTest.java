package io.canaryjudge.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.Any;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.canaryjudge.proto.v1.CreatePolicyRequest;
import io.canaryjudge.proto.v1.DeletePolicyRequest;
import io.canaryjudge.proto.v1.GetPolicyRequest;
import io.canaryjudge.proto.v1.LintPolicyRequest;
import io.canaryjudge.proto.v1.ListPoliciesRequest;
import io.canaryjudge.proto.v1.ListPoliciesResponse;
import io.canaryjudge.proto.v1.ListPolicyRevisionsRequest;
import io.canaryjudge.proto.v1.MetricKind;
import io.canaryjudge.proto.v1.MetricPolicy;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.PolicyFinding;
import io.canaryjudge.proto.v1.PolicyRevision;
import io.canaryjudge.proto.v1.PolicyServiceGrpc;
import io.canaryjudge.proto.v1.Threshold;
import io.canaryjudge.proto.v1.TrafficPlan;
import io.canaryjudge.proto.v1.UpdatePolicyRequest;
import io.canaryjudge.server.policy.PolicyLoader;
import io.canaryjudge.server.policy.Presets;
import io.canaryjudge.server.policy.StoredPolicies;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole service over a real channel and a real database. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PolicyGrpcServiceTest {

  private static final String REQUEST = "6f1e3a52-7d0c-4c1b-9d52-0f5f6c1c2b3a";

  @TempDir Path directory;
  private StoredPolicies stored;
  private Server server;
  private ManagedChannel channel;
  private PolicyServiceGrpc.PolicyServiceBlockingStub service;

  @BeforeEach
  void start() throws IOException {
    stored = new StoredPolicies(directory);
    String name = InProcessServerBuilder.generateName();
    server =
        InProcessServerBuilder.forName(name)
            .directExecutor()
            .addService(new PolicyGrpcService(stored.policies(), new UnaryCalls("queries", 100)))
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).build();
    service = PolicyServiceGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow();
    assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    stored.close();
  }

  private static Policy.Builder checkout() {
    return Policy.newBuilder()
        .setName("policies/checkout")
        .setAlpha(0.01)
        .setBeta(0.05)
        .setWindow(Durations.fromSeconds(5))
        .setDeadline(Durations.fromHours(1))
        .addMetrics(
            MetricPolicy.newBuilder()
                .setName("error_rate")
                .setKind(MetricKind.METRIC_KIND_PROPORTION)
                .addThresholds(Threshold.newBuilder().setLimit(0.01)))
        .setTrafficPlan(TrafficPlan.newBuilder().addWeights(5).addWeights(50));
  }

  private Policy create(Policy policy) {
    return service
        .createPolicy(
            CreatePolicyRequest.newBuilder()
                .setPolicy(policy)
                .setAuthor("eve")
                .setReason("first")
                .build())
        .getPolicy();
  }

  private Policy get(String name) {
    return service.getPolicy(GetPolicyRequest.newBuilder().setName(name).build()).getPolicy();
  }

  private Policy update(Policy policy, String... paths) {
    return service
        .updatePolicy(
            UpdatePolicyRequest.newBuilder()
                .setPolicy(policy)
                .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(paths)))
                .setAuthor("eve")
                .setReason("second")
                .build())
        .getPolicy();
  }

  private static StatusRuntimeException refused(
      Status.Code code, String reason, ThrowingCallable call) {
    StatusRuntimeException e =
        assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(call).actual();
    assertThat(e.getStatus().getCode()).isEqualTo(code);
    assertThat(detail(e, ErrorInfo.class).getReason()).isEqualTo(reason);
    assertThat(detail(e, ErrorInfo.class).getDomain()).isEqualTo("canaryjudge.io");
    return e;
  }

  private static <T extends com.google.protobuf.Message> T detail(
      StatusRuntimeException e, Class<T> type) {
    for (Any detail : StatusProto.fromThrowable(e).getDetailsList()) {
      if (detail.is(type)) {
        try {
          return detail.unpack(type);
        } catch (InvalidProtocolBufferException broken) {
          throw new AssertionError(broken);
        }
      }
    }
    throw new AssertionError("no " + type + " in " + e);
  }

  @Test
  void answersWithEachDefaultApplied() {
    Policy created = create(checkout().build());

    assertThat(created.getName()).isEqualTo("policies/checkout");
    assertThat(created.getRevision()).isEqualTo(1);
    assertThat(created.getEtag()).isNotEmpty();
    assertThat(created.getLateness()).isEqualTo(Durations.fromSeconds(10));
    assertThat(created.getMinimumCoverage()).isEqualTo(0.8);
    assertThat(created.getMetrics(0).getMinimumEvents()).isEqualTo(5);
    assertThat(created.getMetrics(0).getThresholds(0).hasGo()).isFalse();
    assertThat(get("policies/checkout")).isEqualTo(created);
    assertThat(get("policies/checkout/revisions/1")).isEqualTo(created);
  }

  @Test
  void aPolicyThatWasReadCanBeSentBackAsItIs() {
    Policy created = create(checkout().build());

    Policy updated = update(created);

    assertThat(updated.getRevision()).isEqualTo(2);
    assertThat(updated.toBuilder().setRevision(1).setEtag(created.getEtag()).build())
        .isEqualTo(created);
    assertThat(updated.getEtag()).isNotEqualTo(created.getEtag());
  }

  @Test
  void namesEveryViolation() {
    Policy wrong = checkout().setAlpha(2).clearWindow().setName("policies/Check Out").build();

    StatusRuntimeException e =
        refused(Status.Code.INVALID_ARGUMENT, "POLICY_INVALID", () -> create(wrong));

    assertThat(detail(e, BadRequest.class).getFieldViolationsList())
        .extracting(BadRequest.FieldViolation::getField, BadRequest.FieldViolation::getDescription)
        .containsExactly(
            tuple("name", "\"Check Out\" (expected: [a-z][a-z0-9-]{0,62})"),
            tuple("alpha", "2 (expected: in (0, 0.5])"),
            tuple("window", "missing (expected: 1s to 1h, whole seconds)"));
    assertThat(e.getStatus().getDescription()).contains("alpha: 2 (expected: in (0, 0.5])");
  }

  @Test
  void aRepeatOfARequestReturnsTheFirstResponse() {
    CreatePolicyRequest request =
        CreatePolicyRequest.newBuilder()
            .setPolicy(checkout())
            .setAuthor("eve")
            .setRequestId(REQUEST)
            .build();
    Policy created = service.createPolicy(request).getPolicy();
    update(created.toBuilder().setAlpha(0.02).build());

    assertThat(service.createPolicy(request).getPolicy()).isEqualTo(created);
    refused(
        Status.Code.ALREADY_EXISTS,
        "REQUEST_ID_REUSED",
        () -> service.createPolicy(request.toBuilder().setAuthor("adam").build()));
    refused(Status.Code.ALREADY_EXISTS, "POLICY_EXISTS", () -> create(checkout().build()));
  }

  @Test
  void validateOnlyWritesNothing() {
    CreatePolicyRequest request =
        CreatePolicyRequest.newBuilder().setPolicy(checkout()).setValidateOnly(true).build();

    assertThat(service.createPolicy(request).getPolicy().getRevision()).isEqualTo(1);
    refused(Status.Code.NOT_FOUND, "POLICY_NOT_FOUND", () -> get("policies/checkout"));

    Policy created = create(checkout().build());
    UpdatePolicyRequest update =
        UpdatePolicyRequest.newBuilder()
            .setPolicy(created.toBuilder().setAlpha(0.1))
            .setValidateOnly(true)
            .build();
    assertThat(service.updatePolicy(update).getPolicy().getAlpha()).isEqualTo(0.1);
    assertThat(get("policies/checkout")).isEqualTo(created);
  }

  @Test
  void theMaskSaysWhatIsReplaced() {
    Policy created = create(checkout().build());
    Policy change =
        Policy.newBuilder()
            .setName("policies/checkout")
            .setEtag(created.getEtag())
            .setAlpha(0.02)
            .setBeta(0.2)
            .build();

    Policy updated = update(change, "alpha", "deadline");

    assertThat(updated.getAlpha()).isEqualTo(0.02);
    assertThat(updated.getBeta()).isEqualTo(0.05);
    assertThat(updated.getDeadline()).isEqualTo(Durations.ZERO);
    assertThat(updated.getMetricsList()).isEqualTo(created.getMetricsList());
    StatusRuntimeException e =
        refused(
            Status.Code.INVALID_ARGUMENT,
            "INVALID_FIELD",
            () -> update(change, "alpha", "metrics.weight", "etag"));
    assertThat(detail(e, BadRequest.class).getFieldViolationsList())
        .extracting(BadRequest.FieldViolation::getField)
        .containsExactly("update_mask.paths[1]", "update_mask.paths[2]");
  }

  @Test
  void aStaleEtagIsAborted() {
    Policy created = create(checkout().build());
    update(created);

    StatusRuntimeException e =
        refused(Status.Code.ABORTED, "POLICY_ETAG_MISMATCH", () -> update(created));

    assertThat(detail(e, ErrorInfo.class).getMetadataMap()).containsEntry("current_revision", "2");
    refused(
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        () -> update(created.toBuilder().clearEtag().build()));
    refused(
        Status.Code.NOT_FOUND,
        "POLICY_NOT_FOUND",
        () -> update(created.toBuilder().setName("policies/other").build()));
  }

  /** Read, change, write, again from the start where somebody was faster: nothing is lost. */
  @Test
  void ofThoseWhoRaceOnAnEtagOneWinsEachRound() throws Exception {
    create(checkout().setDescription("").build());
    int writers = 6;
    List<Callable<Integer>> races = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      String mark = "[" + i + "]";
      races.add(
          () -> {
            int lost = 0;
            while (true) {
              Policy read = get("policies/checkout");
              try {
                update(
                    read.toBuilder().setDescription(read.getDescription() + mark).build(),
                    "description");
                return lost;
              } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
                lost++;
              }
            }
          });
    }

    try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
      for (Future<Integer> race : threads.invokeAll(races)) {
        assertThat(race.get()).isLessThan(writers);
      }
    }

    Policy last = get("policies/checkout");
    assertThat(last.getRevision()).isEqualTo(1 + writers);
    for (int i = 0; i < writers; i++) {
      assertThat(last.getDescription()).containsOnlyOnce("[" + i + "]");
    }
  }

  @Test
  void revisionsStayReadableAfterADeletion() {
    Policy created = create(checkout().build());
    Policy updated = update(created.toBuilder().setAlpha(0.02).build());
    DeletePolicyRequest delete =
        DeletePolicyRequest.newBuilder()
            .setName("policies/checkout")
            .setEtag(updated.getEtag())
            .setAuthor("adam")
            .setReason("no longer")
            .build();
    refused(
        Status.Code.ABORTED,
        "POLICY_ETAG_MISMATCH",
        () -> service.deletePolicy(delete.toBuilder().setEtag(created.getEtag()).build()));

    service.deletePolicy(delete);

    refused(Status.Code.NOT_FOUND, "POLICY_NOT_FOUND", () -> get("policies/checkout"));
    refused(Status.Code.NOT_FOUND, "POLICY_NOT_FOUND", () -> service.deletePolicy(delete));
    service.deletePolicy(delete.toBuilder().setAllowMissing(true).build());
    refused(Status.Code.FAILED_PRECONDITION, "POLICY_DELETED", () -> update(updated));
    assertThat(get("policies/checkout/revisions/1")).isEqualTo(created);
    List<PolicyRevision> revisions =
        service
            .listPolicyRevisions(
                ListPolicyRevisionsRequest.newBuilder().setParent("policies/checkout").build())
            .getPolicyRevisionsList();
    assertThat(revisions)
        .extracting(
            PolicyRevision::getName,
            PolicyRevision::getAuthor,
            PolicyRevision::getReason,
            PolicyRevision::getDeleted)
        .containsExactly(
            tuple("policies/checkout/revisions/3", "adam", "no longer", true),
            tuple("policies/checkout/revisions/2", "eve", "second", false),
            tuple("policies/checkout/revisions/1", "eve", "first", false));
    assertThat(revisions.get(1).getSnapshot()).isEqualTo(updated);
    assertThat(revisions.get(1).getCreateTime().getSeconds())
        .isEqualTo(StoredPolicies.START_MILLIS / 1_000);
  }

  @Test
  void listsInPages() {
    List<io.canaryjudge.server.policy.PolicyRevision> presets =
        new PolicyLoader(stored.policies()).loadPresets();
    List<String> names = new ArrayList<>();
    String token = "";
    do {
      ListPoliciesResponse page =
          service.listPolicies(
              ListPoliciesRequest.newBuilder().setPageSize(3).setPageToken(token).build());
      assertThat(page.getPoliciesCount()).isBetween(1, 3);
      page.getPoliciesList().forEach(policy -> names.add(policy.getName()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());

    assertThat(names).isSorted().hasSameSizeAs(presets);
    assertThat(service.listPolicies(ListPoliciesRequest.getDefaultInstance()).getPoliciesCount())
        .isEqualTo(presets.size());
    assertThat(
            service
                .listPolicies(ListPoliciesRequest.newBuilder().setPageSize(1_000_000).build())
                .getNextPageToken())
        .isEmpty();
    refused(
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        () -> service.listPolicies(ListPoliciesRequest.newBuilder().setPageSize(-1).build()));
    refused(
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        () -> service.listPolicies(ListPoliciesRequest.newBuilder().setPageToken("x").build()));
    refused(
        Status.Code.NOT_FOUND,
        "POLICY_NOT_FOUND",
        () ->
            service.listPolicyRevisions(
                ListPolicyRevisionsRequest.newBuilder().setParent("policies/none").build()));
  }

  @Test
  void lintsMessagesAndTexts() {
    LintPolicyRequest fine =
        LintPolicyRequest.newBuilder().setText(Presets.text("standard")).build();
    assertThat(service.lintPolicy(fine).getFindingsList()).isEmpty();
    Policy read = service.lintPolicy(fine).getPolicy();
    Policy _ = create(read);
    assertThat(get("policies/standard").toBuilder().clearRevision().clearEtag().build())
        .isEqualTo(read);

    LintPolicyRequest forEver =
        LintPolicyRequest.newBuilder().setPolicy(checkout().clearDeadline()).build();
    assertThat(service.lintPolicy(forEver).getFindingsList())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.getSeverity()).isEqualTo(PolicyFinding.Severity.SEVERITY_WARNING);
              assertThat(finding.getField()).isEqualTo("deadline");
              assertThat(finding.getDescription()).startsWith("none, with a traffic plan");
            });

    LintPolicyRequest wrong = LintPolicyRequest.newBuilder().setText("alpha: [1\n").build();
    assertThat(service.lintPolicy(wrong).hasPolicy()).isFalse();
    assertThat(service.lintPolicy(wrong).getFindingsList())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.getSeverity())
                  .isEqualTo(PolicyFinding.Severity.SEVERITY_VIOLATION);
              assertThat(finding.getField()).isEqualTo("line 2, column 1");
            });

    refused(
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        () -> service.lintPolicy(LintPolicyRequest.getDefaultInstance()));
  }

  @Test
  void namesAreChecked() {
    refused(Status.Code.INVALID_ARGUMENT, "INVALID_FIELD", () -> get("checkout"));
    refused(Status.Code.INVALID_ARGUMENT, "INVALID_FIELD", () -> get("policies/a/revisions/x"));
    refused(
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        () ->
            service
                .withDeadlineAfter(Duration.ofSeconds(30))
                .deletePolicy(
                    DeletePolicyRequest.newBuilder().setName("policies/a/revisions/1").build()));
  }
}
