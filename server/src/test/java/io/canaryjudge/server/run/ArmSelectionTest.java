package io.canaryjudge.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.ArmSelection;
import io.canaryjudge.server.store.RunRecord;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a new run says which series belong to its arms. */
class ArmSelectionTest {

  private static final LabelMatcher PROD = new LabelMatcher("env", List.of("prod"));
  private static final LabelMatcher STABLE = new LabelMatcher("track", List.of("stable"));
  private static final LabelMatcher CANARY = new LabelMatcher("track", List.of("canary"));

  @TempDir Path directory;

  private static ArmSelection byLabel(String label, String baseline, String canary) {
    return new ArmSelection(List.of(PROD), label, baseline, canary, List.of(), List.of(), "pod");
  }

  private static ArmSelection bySelectors(List<LabelMatcher> baseline, List<LabelMatcher> canary) {
    return new ArmSelection(List.of(), "", "", "", baseline, canary, "");
  }

  private static CreateRun request(boolean allowSameVersion, ArmSelection arms) {
    CreateRun request = RunHarness.request("patient", Optional.empty());
    return new CreateRun(
        request.requestId(),
        request.service(),
        request.baselineVersion(),
        request.canaryVersion(),
        allowSameVersion,
        arms,
        request.policyName(),
        request.policyRevision(),
        request.overrides(),
        request.labels(),
        request.artifactDigest(),
        request.retrospective(),
        request.creator(),
        "");
  }

  private static List<String> violations(boolean allowSameVersion, ArmSelection arms) {
    return CreateRunChecks.violations(request(allowSameVersion, arms)).stream()
        .map(FieldViolation::toString)
        .toList();
  }

  private static List<String> violations(ArmSelection arms) {
    return violations(false, arms);
  }

  @Test
  void acceptsEitherWay() {
    assertThat(violations(ArmSelection.DEFAULT)).isEmpty();
    assertThat(violations(byLabel("track", "stable", "canary"))).isEmpty();
    assertThat(violations(byLabel("pod", "checkout-5d9c*", "checkout-7f4b*"))).isEmpty();
    assertThat(violations(byLabel("image.tag", "", ""))).isEmpty();
    assertThat(violations(byLabel("", "1.0-rc", ""))).isEmpty();
    assertThat(violations(bySelectors(List.of(STABLE), List.of(CANARY)))).isEmpty();
  }

  @Test
  void refusesArmsThatAreOne() {
    assertThat(violations(byLabel("track", "a", "a")))
        .containsExactly(
            "analysis_run.arms.canary_value: a (expected: another value than that of the other arm,"
                + " or allow_same_version)");
    // The one that is not said is the run's version.
    assertThat(violations(byLabel("track", "1.1", "")))
        .singleElement()
        .asString()
        .startsWith("analysis_run.arms.baseline_value: 1.1 (");
    assertThat(violations(byLabel("track", "", "1.0")))
        .singleElement()
        .asString()
        .startsWith("analysis_run.arms.canary_value: 1.0 (");
    assertThat(violations(bySelectors(List.of(STABLE), List.of(STABLE))))
        .containsExactly(
            "analysis_run.arms.canary: the same as baseline (expected: other matchers than"
                + " baseline, or allow_same_version)");

    assertThat(violations(true, byLabel("track", "a", "a"))).isEmpty();
    assertThat(violations(true, bySelectors(List.of(STABLE), List.of(STABLE)))).isEmpty();
  }

  @Test
  void refusesHalfAndMixedSelections() {
    assertThat(violations(bySelectors(List.of(STABLE), List.of())))
        .containsExactly(
            "analysis_run.arms.canary: none (expected: matchers for both arms, or for none)");
    assertThat(violations(bySelectors(List.of(), List.of(CANARY))))
        .containsExactly(
            "analysis_run.arms.baseline: none (expected: matchers for both arms, or for none)");
    assertThat(
            violations(
                new ArmSelection(
                    List.of(), "track", "a", "a", List.of(STABLE), List.of(CANARY), "")))
        .containsExactly(
            "analysis_run.arms.label: track (expected: unset beside matchers of the arms)",
            "analysis_run.arms.baseline_value: a (expected: unset beside matchers of the arms)",
            "analysis_run.arms.canary_value: a (expected: unset beside matchers of the arms)");
  }

  @Test
  void tellsEverythingThatIsWrongAtOnce() {
    String longText = "x".repeat(201);
    LabelMatcher pattern = new LabelMatcher("", List.of("a", "*b"));
    ArmSelection arms =
        new ArmSelection(
            Collections.nCopies(17, PROD),
            longText,
            "*stable",
            "a\0",
            List.of(pattern),
            List.of(),
            longText);
    List<FieldViolation> found = CreateRunChecks.violations(request(false, arms));
    assertThat(found)
        .extracting(FieldViolation::field)
        .containsExactly(
            "analysis_run.arms.scope",
            "analysis_run.arms.label",
            "analysis_run.arms.baseline_value",
            "analysis_run.arms.canary_value",
            "analysis_run.arms.baseline[0].label",
            "analysis_run.arms.baseline[0].values[1]",
            "analysis_run.arms.instance_label",
            "analysis_run.arms.canary",
            "analysis_run.arms.label",
            "analysis_run.arms.baseline_value",
            "analysis_run.arms.canary_value");
  }

  /** A retry that comes after an upgrade has to be known for what it is. */
  @Test
  void aRequestWithoutAnyIsTheSameAsBefore() {
    assertThat(CreateRunChecks.fingerprint(RunHarness.request("patient", Optional.empty())))
        .isEqualTo("282a968526b224a0776ae58ab8aeb9fd416e9d2471d5dfb7679c5942387e8832");
  }

  @Test
  void everyPartOfItIsPartOfTheRequest() {
    LabelMatcher other = new LabelMatcher("env", List.of("prod", "test"));
    List<String> fingerprints =
        Stream.of(
                ArmSelection.DEFAULT,
                byLabel("", "", ""),
                byLabel("a", "", ""),
                byLabel("", "a", ""),
                byLabel("", "", "a"),
                bySelectors(List.of(STABLE), List.of(CANARY)),
                bySelectors(List.of(CANARY), List.of(STABLE)),
                bySelectors(List.of(STABLE), List.of(CANARY, other)),
                bySelectors(List.of(STABLE, CANARY), List.of(other)),
                new ArmSelection(List.of(other), "", "", "", List.of(), List.of(), "pod"),
                new ArmSelection(List.of(PROD), "", "", "", List.of(), List.of(), ""))
            .map(arms -> CreateRunChecks.fingerprint(request(false, arms)))
            .toList();
    assertThat(fingerprints).doesNotHaveDuplicates();
  }

  @Test
  void aRunKeepsItsSelection() throws Exception {
    ArmSelection arms = byLabel("track", "stable", "canary");
    try (RunHarness harness = new RunHarness(directory)) {
      harness.policies.add(TestPolicies.PATIENT);
      CreateRun request = request(false, arms);
      RunRecord run = harness.runs.create(request);
      assertThat(run.arms()).isEqualTo(arms);
      harness.restart();
      assertThat(harness.runs.find(run.id()).arms()).isEqualTo(arms);
      assertThat(harness.runs.create(request).id()).isEqualTo(run.id());
      var cancelled = harness.runs.cancel(run.id(), "me", "enough", "");
      harness.round();
      assertThat(cancelled.join().run().arms()).isEqualTo(arms);
      assertThatThrownBy(() -> harness.runs.create(request(false, byLabel("track", "a", "a"))))
          .isInstanceOfSatisfying(
              JudgeException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.INVALID_FIELD));
    }
  }
}
