package io.canaryjudge.server.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.TrafficPlan;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.AuditLog;
import io.canaryjudge.server.store.AuditRow;
import io.canaryjudge.server.store.Page;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoliciesTest {

  private static final PolicyChange CHANGE = new PolicyChange("eve", "because", "token-1");
  private static final Set<String> ALL = Set.of();
  private static final String REQUEST = "6f1e3a52-7d0c-4c1b-9d52-0f5f6c1c2b3a";
  private static final OptionalLong CURRENT = OptionalLong.empty();

  @TempDir Path directory;
  private StoredPolicies stored;
  private Policies policies;

  @BeforeEach
  void open() {
    stored = new StoredPolicies(directory);
    policies = stored.policies();
  }

  @AfterEach
  void close() {
    stored.close();
  }

  private static ObjectNode tree(String name) {
    Policy policy =
        PolicyReader.read(
                """
                name: NAME
                alpha: 0.01
                beta: 0.05
                window: 5s
                warm_up: 60s
                deadline: 1h
                metrics:
                  - name: error_rate
                    kind: proportion
                    thresholds:
                      - limit: 0.01
                traffic_plan: {weights: [5, 50]}
                overridable: [deadline, traffic_plan]
                """
                    .replace("NAME", name))
            .orThrow();
    return PolicyWriter.toTree(policy);
  }

  private PolicyRevision create(String name) {
    return policies.create(tree(name), CHANGE, "", false);
  }

  private PolicyRevision update(PolicyRevision from, String key, JsonNode value) {
    ObjectNode replacement = JsonNodeFactory.instance.objectNode();
    replacement.set(key, value);
    return policies.update(
        from.policy().name(), from.etag(), replacement, Set.of(key), CHANGE, false);
  }

  private static JsonNode number(double value) {
    return JsonNodeFactory.instance.numberNode(value);
  }

  private static JudgeException refused(ErrorReason reason, ThrowingCallable call) {
    return assertThatExceptionOfType(JudgeException.class)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
        .actual();
  }

  private static PolicyName name(String name) {
    return PolicyName.parse("name", name);
  }

  @Test
  void createsTheFirstRevision() {
    PolicyRevision created = create("checkout");

    assertThat(created.policy()).isEqualTo(PolicyReader.read(tree("checkout")).orThrow());
    assertThat(created.revision()).isEqualTo(1);
    assertThat(created.author()).isEqualTo("eve");
    assertThat(created.reason()).isEqualTo("because");
    assertThat(created.createMillis()).isEqualTo(StoredPolicies.START_MILLIS);
    assertThat(created.deleted()).isFalse();
    assertThat(policies.get(name("policies/checkout"))).isEqualTo(created);
    assertThat(stored.policies().get(name("policies/checkout/revisions/1"))).isEqualTo(created);
  }

  @Test
  void aRepeatOfTheSameRequestIsHarmless() {
    PolicyRevision created = policies.create(tree("checkout"), CHANGE, REQUEST, false);
    stored.pass(60_000);

    assertThat(policies.create(tree("checkout"), CHANGE, REQUEST, false)).isEqualTo(created);
    refused(
        ErrorReason.REQUEST_ID_REUSED,
        () -> policies.create(tree("other"), CHANGE, REQUEST, false));
    refused(ErrorReason.POLICY_EXISTS, () -> create("checkout"));
  }

  @Test
  void checkingOnlyAnswersAsIfAndWritesNothing() {
    PolicyRevision checked = policies.create(tree("checkout"), CHANGE, "", true);

    assertThat(checked.revision()).isEqualTo(1);
    assertThat(checked.policy().name()).isEqualTo("checkout");
    refused(ErrorReason.POLICY_NOT_FOUND, () -> policies.get(name("policies/checkout")));

    PolicyRevision created = create("checkout");
    refused(ErrorReason.POLICY_EXISTS, () -> policies.create(tree("checkout"), CHANGE, "", true));
    assertThat(
            policies
                .update("checkout", created.etag(), tree("checkout"), ALL, CHANGE, true)
                .revision())
        .isEqualTo(2);
    assertThat(policies.get(name("policies/checkout"))).isEqualTo(created);
  }

  @Test
  void tellsOfThePolicyAndOfTheRequestAtOnce() {
    PolicyChange change = new PolicyChange("x".repeat(201), "bell\u0007", "");
    ObjectNode tree = tree("checkout");
    tree.put("alpha", 2);

    JudgeException refused =
        refused(ErrorReason.POLICY_INVALID, () -> policies.create(tree, change, "soon", false));
    assertThat(refused.violations())
        .containsExactly(
            new FieldViolation("author", "201 characters", "at most 200 characters"),
            new FieldViolation("reason", "a control character", "text, tabs and line feeds"),
            new FieldViolation("request_id", "soon", "a UUID"),
            new FieldViolation("alpha", "2", "in (0, 0.5]"));
    assertThat(
            refused(
                    ErrorReason.INVALID_FIELD,
                    () -> policies.create(tree("checkout"), CHANGE, "1-1-1-1-1", false))
                .violations())
        .extracting(FieldViolation::field)
        .containsExactly("request_id");
  }

  @Test
  void anUpdateReplacesTheMaskedKeysOnly() {
    PolicyRevision first = create("checkout");
    stored.pass(1_000);

    PolicyRevision second = update(first, "alpha", number(0.02));

    assertThat(second.revision()).isEqualTo(2);
    assertThat(second.createMillis()).isEqualTo(StoredPolicies.START_MILLIS + 1_000);
    ObjectNode expected = tree("checkout");
    expected.put("alpha", 0.02);
    assertThat(second.policy()).isEqualTo(PolicyReader.read(expected).orThrow());
    assertThat(policies.get(name("policies/checkout/revisions/1"))).isEqualTo(first);
  }

  @Test
  void aMaskedKeyThatIsNotThereTakesItsDefault() {
    PolicyRevision first = create("checkout");

    PolicyRevision second =
        policies.update(
            "checkout",
            first.etag(),
            JsonNodeFactory.instance.objectNode(),
            Set.of("deadline", "traffic_plan"),
            CHANGE,
            false);

    assertThat(second.policy().deadlineMillis()).isZero();
    assertThat(second.policy().trafficPlan()).isEqualTo(new TrafficPlan(List.of(), false));
    assertThat(second.policy().warmUpMillis()).isEqualTo(60_000);
    refused(
        ErrorReason.POLICY_INVALID,
        () ->
            policies.update(
                "checkout",
                second.etag(),
                JsonNodeFactory.instance.objectNode(),
                Set.of("metrics"),
                CHANGE,
                false));
  }

  @Test
  void anUpdateWithoutMaskReplacesEverything() {
    PolicyRevision first = create("checkout");
    ObjectNode tree = tree("checkout");
    tree.remove("warm_up");

    assertThat(
            policies
                .update("checkout", first.etag(), tree, ALL, CHANGE, false)
                .policy()
                .warmUpMillis())
        .isZero();
  }

  @Test
  void anUpdateNeedsTheEtagOfTheCurrentRevision() {
    PolicyRevision first = create("checkout");
    PolicyRevision second = update(first, "alpha", number(0.02));

    assertThat(
            refused(ErrorReason.POLICY_ETAG_MISMATCH, () -> update(first, "beta", number(0.1)))
                .metadata())
        .containsEntry("current_revision", "2");
    refused(
        ErrorReason.INVALID_FIELD,
        () -> policies.update("checkout", "", tree("checkout"), ALL, CHANGE, false));

    // Back to the content of the first: yet its etag does not come back.
    PolicyRevision third = update(second, "alpha", number(0.01));
    assertThat(third.policy()).isEqualTo(first.policy());
    assertThat(List.of(first.etag(), second.etag(), third.etag())).doesNotHaveDuplicates();
  }

  @Test
  void aDeletedPolicyTakesNoRunsAndStaysReadable() {
    PolicyRevision first = create("checkout");
    refused(
        ErrorReason.POLICY_ETAG_MISMATCH,
        () -> policies.delete("checkout", "stale", false, CHANGE));

    policies.delete("checkout", first.etag(), false, CHANGE);

    refused(ErrorReason.POLICY_NOT_FOUND, () -> policies.get(name("policies/checkout")));
    refused(ErrorReason.POLICY_DELETED, () -> update(first, "alpha", number(0.02)));
    refused(ErrorReason.POLICY_DELETED, () -> policies.forRun("checkout", CURRENT, "{}"));
    refused(
        ErrorReason.POLICY_DELETED, () -> policies.forRun("checkout", OptionalLong.of(1), "{}"));
    refused(ErrorReason.POLICY_NOT_FOUND, () -> policies.delete("checkout", "", false, CHANGE));
    policies.delete("checkout", "", true, CHANGE);
    policies.delete("never-was", "", true, CHANGE);
    assertThat(policies.get(name("policies/checkout/revisions/1"))).isEqualTo(first);
    assertThat(policies.list(10, "").items()).isEmpty();
    assertThat(policies.revisions("checkout", 10, "").items())
        .extracting(PolicyRevision::revision, PolicyRevision::deleted)
        .containsExactly(tuple(2L, true), tuple(1L, false));
  }

  @Test
  void aDeletedPolicyCanBeTakenUpAgain() {
    PolicyRevision first = create("checkout");
    policies.delete("checkout", "", false, CHANGE);

    PolicyRevision third = create("checkout");

    assertThat(third.revision()).isEqualTo(3);
    assertThat(third.etag()).isNotEqualTo(first.etag());
    assertThat(policies.forRun("checkout", OptionalLong.of(1), "{}").revision()).isEqualTo(1);
    refused(
        ErrorReason.POLICY_DELETED, () -> policies.forRun("checkout", OptionalLong.of(2), "{}"));
  }

  @Test
  void listsByNameInPages() {
    List.of("c", "a", "b").forEach(this::create);

    List<String> names = new ArrayList<>();
    String token = "";
    do {
      Page<PolicyRevision> page = policies.list(2, token);
      page.items().forEach(revision -> names.add(revision.policy().name()));
      token = page.nextPageToken();
    } while (!token.isEmpty());

    assertThat(names).containsExactly("a", "b", "c");
    refused(ErrorReason.POLICY_NOT_FOUND, () -> policies.revisions("z", 2, ""));
  }

  @Test
  void eachChangeLeavesAnAuditRow() {
    PolicyRevision first = create("checkout");
    PolicyRevision second = update(first, "alpha", number(0.02));
    policies.delete("checkout", second.etag(), false, CHANGE);

    assertThat(new AuditLog(stored.database()).list("", 10, "").items())
        .extracting(AuditRow::action, AuditRow::subject, AuditRow::actor, AuditRow::detail)
        .containsExactly(
            tuple("policy.delete", "policies/checkout", "token-1", "eve: because"),
            tuple("policy.update", "policies/checkout", "token-1", "eve: because"),
            tuple("policy.create", "policies/checkout", "token-1", "eve: because"));
  }

  @Test
  void aRunIsPinnedToARevision() {
    PolicyRevision first = create("checkout");
    update(first, "alpha", number(0.02));

    EffectivePolicy current = policies.forRun("checkout", CURRENT, "{}");
    EffectivePolicy past = policies.forRun("checkout", OptionalLong.of(1), "{}");

    assertThat(current.revision()).isEqualTo(2);
    assertThat(current.policy().alpha()).isEqualTo(0.02);
    assertThat(past.revision()).isEqualTo(1);
    assertThat(past.policy()).isEqualTo(first.policy());
    assertThat(PolicyReader.readStored(past.json())).isEqualTo(past.policy());
    refused(
        ErrorReason.POLICY_NOT_FOUND, () -> policies.forRun("checkout", OptionalLong.of(3), "{}"));
    refused(ErrorReason.POLICY_NOT_FOUND, () -> policies.forRun("other", CURRENT, "{}"));
  }

  @Test
  void aRunOverridesWhatItsPolicyAllows() {
    create("checkout");

    Policy effective =
        policies
            .forRun(
                "checkout",
                CURRENT,
                "{\"deadline\": \"0s\", \"traffic_plan\": {\"weights\": [100]}}")
            .policy();

    assertThat(effective.deadlineMillis()).isZero();
    assertThat(effective.trafficPlan()).isEqualTo(new TrafficPlan(List.of(100.0), false));
    assertThat(effective.warmUpMillis()).isEqualTo(60_000);
  }

  @Test
  void aLongerWindowTakesTheBurstGuardWithIt() {
    ObjectNode tree = tree("checkout");
    tree.putArray("overridable").add("window").add("lateness");
    policies.create(tree, CHANGE, "", false);

    Policy minute = overridden("{\"window\":\"60s\",\"lateness\":\"2m30s\"}");
    assertThat(minute.windowMillis()).isEqualTo(60_000);
    assertThat(minute.latenessMillis()).isEqualTo(150_000);
    assertThat(minute.burstGuardMillis()).isEqualTo(60_000);

    Policy brief = overridden("{\"window\":\"2s\"}");
    assertThat(brief.windowMillis()).isEqualTo(2_000);
    assertThat(brief.latenessMillis()).isEqualTo(10_000);
    assertThat(brief.burstGuardMillis()).isEqualTo(15_000);

    for (String wrong : List.of("2h", "500ms", "-1s")) {
      assertThat(
              refused(ErrorReason.INVALID_FIELD, () -> overridden("{\"window\":\"" + wrong + "\"}"))
                  .violations())
          .extracting(FieldViolation::toString)
          .containsExactly(
              "analysis_run.overrides.window: " + wrong + " (expected: 1s to 1h, whole seconds)");
    }
  }

  private Policy overridden(String overrides) {
    return policies.forRun("checkout", CURRENT, overrides).policy();
  }

  @Test
  void overridesThatAreNotAllowedAreNamed() {
    create("checkout");

    assertThat(
            refused(
                    ErrorReason.OVERRIDE_NOT_ALLOWED,
                    () ->
                        policies.forRun(
                            "checkout",
                            CURRENT,
                            "{\"warm_up\":\"1s\",\"deadline\":\"1m\",\"minimum_step_time\":\"0s\"}"))
                .violations())
        .extracting(FieldViolation::toString)
        .containsExactly(
            "analysis_run.overrides.warm_up: set (expected: unset: only deadline, traffic_plan of"
                + " policies/checkout may be overridden)",
            "analysis_run.overrides.minimum_step_time: set (expected: unset: only deadline,"
                + " traffic_plan of policies/checkout may be overridden)");
  }

  @Test
  void overridesThatMakeNoSenseAreToldAtOnce() {
    create("checkout");

    assertThat(
            refused(
                    ErrorReason.INVALID_FIELD,
                    () ->
                        policies.forRun(
                            "checkout",
                            CURRENT,
                            "{\"deadline\":\"-1s\",\"traffic_plan\":{\"weights\":[50,5]},"
                                + "\"alpha\":0.5}"))
                .violations())
        .extracting(FieldViolation::toString)
        .containsExactly(
            "analysis_run.overrides.alpha: unknown key (expected: one of deadline, warm_up,"
                + " minimum_step_time, traffic_plan, window, lateness)",
            "analysis_run.overrides.deadline: -1s (expected: 0s to 744h)",
            "analysis_run.overrides.traffic_plan.weights[1]: 5 (expected: percent, above 50 and at"
                + " most 100)");
    refused(
        ErrorReason.INVALID_FIELD, () -> policies.forRun("checkout", CURRENT, "{\"deadline\":5}"));
    refused(ErrorReason.INVALID_FIELD, () -> policies.forRun("checkout", CURRENT, "nonsense"));
  }
}
