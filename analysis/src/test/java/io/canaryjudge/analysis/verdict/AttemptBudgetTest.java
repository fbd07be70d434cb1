package io.canaryjudge.analysis.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.Tolerance;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Pressing retry until it is green does not work. The release of the simulation fails exactly as
 * often as the policy still forbids, which is the hardest case; beta is 20 %, so that false GOs are
 * frequent enough to be counted. Seeds are fixed.
 */
class AttemptBudgetTest {

  private static final int TRIALS = 60;
  private static final int RETRIES = 20;
  private static final int WINDOWS = 100;
  private static final double BETA = 0.2;
  private static final double LIMIT = 0.05;

  private static Policy policy() {
    TestPolicy policy = new TestPolicy().with(TestPolicy.errorRate(new Tolerance.Limit(LIMIT)));
    policy.beta = BETA;
    policy.alpha = 0.001;
    return policy.build();
  }

  @Test
  void theSharesSumToOne() {
    double sum = 0;
    for (int attempt = 1; attempt <= 10_000; attempt++) {
      sum += AttemptBudget.share(attempt);
    }
    // What is left is that of all later attempts: 0.2 / 10,000.
    assertThat(sum).isCloseTo(1 - 0.2 / 10_000, within(1e-12));
    assertThat(AttemptBudget.share(1)).isEqualTo(0.8);
    assertThat(AttemptBudget.share(2)).isEqualTo(0.1);
    assertThat(AttemptBudget.share(Integer.MAX_VALUE)).isPositive();
  }

  @Test
  void aRunThatIsNotLinkedHasAllOfIt() {
    assertThat(AttemptBudget.share(AttemptBudget.NOT_LINKED)).isEqualTo(1);
    assertThat(AttemptBudget.safeLine(0.05, AttemptBudget.NOT_LINKED))
        .isEqualTo(StrictMath.log1p(1 / 0.05));
    assertThatIllegalArgumentException().isThrownBy(() -> AttemptBudget.share(-1));
  }

  @Test
  void aLaterAttemptHasToProveMore() {
    RunAnalysis first = RunAnalysis.begin(policy(), 0, 1);
    RunAnalysis fifth = RunAnalysis.begin(policy(), 0, 5);
    int windows = 0;
    while (first.verdict().judgedDecision() == Decision.WAIT) {
      first.apply(window(windows, 100, 0));
      fifth.apply(window(windows++, 100, 0));
    }
    assertThat(first.verdict().judgedDecision()).isEqualTo(Decision.GO);
    assertThat(fifth.verdict().judgedDecision()).isEqualTo(Decision.WAIT);
    ThresholdVerdict waiting = fifth.verdict().metrics().getFirst().thresholds().getFirst();
    assertThat(waiting.safeLine()).isEqualTo(StrictMath.log1p(1 / (BETA * 0.2 / 20)));
    while (fifth.verdict().judgedDecision() == Decision.WAIT) {
      fifth.apply(window(windows++, 100, 0));
    }
    assertThat(fifth.verdict().judgedDecision()).isEqualTo(Decision.GO);
    assertThat(Explanation.of(fifth.verdict(), 5))
        .startsWith(Explanation.of(fifth.verdict()))
        .endsWith("attempt 5 at the same artifact: for GO it has to prove more than the first.");
    assertThat(Explanation.of(fifth.verdict(), 1)).isEqualTo(Explanation.of(fifth.verdict()));
  }

  /** The evidence of harm is no different, so neither is a NO_GO. */
  @Test
  void aLaterAttemptIsRefusedAsSoonAsTheFirst() {
    RunAnalysis first = RunAnalysis.begin(policy(), 0, 1);
    RunAnalysis last = RunAnalysis.begin(policy(), 0, 20);
    for (int i = 0; first.verdict().open(); i++) {
      first.apply(window(i, 100, 30));
      last.apply(window(i, 100, 30));
      assertThat(last.verdict().judgedDecision()).isEqualTo(first.verdict().judgedDecision());
      assertThat(last.verdict().logHarmEvidence()).isEqualTo(first.verdict().logHarmEvidence());
    }
    assertThat(last.verdict().judgedDecision()).isEqualTo(Decision.NO_GO);
  }

  @Test
  void aBadReleaseThatIsRetriedTwentyTimesGetsAGoAtMostAtBeta() {
    double linked = retried(true);
    double notLinked = retried(false);
    assertThat(linked).isLessThanOrEqualTo(BETA);
    assertThat(notLinked).as("what the budget prevents").isGreaterThan(BETA);
  }

  /** The share of trials in which some attempt said GO. */
  private static double retried(boolean linked) {
    int promoted = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      SplittableRandom random = new SplittableRandom(9_000_000 + trial);
      for (int attempt = 1; attempt <= RETRIES; attempt++) {
        RunAnalysis run = RunAnalysis.begin(policy(), 0, linked ? attempt : 0);
        for (int w = 0; w < WINDOWS && run.verdict().judgedDecision() == Decision.WAIT; w++) {
          run.apply(window(w, 100, failures(random)));
        }
        if (run.verdict().judgedDecision() == Decision.GO) {
          promoted++;
          break;
        }
      }
    }
    return (double) promoted / TRIALS;
  }

  private static int failures(SplittableRandom random) {
    int failures = 0;
    for (int i = 0; i < 100; i++) {
      failures += random.nextDouble() < LIMIT ? 1 : 0;
    }
    return failures;
  }

  private static LogEntry window(int index, int total, int failures) {
    WindowAggregate window = new WindowAggregate();
    TestRun.count(window, 0, Arm.CANARY, "c", total, failures);
    return new LogEntry.WindowSealed(index, window);
  }
}
