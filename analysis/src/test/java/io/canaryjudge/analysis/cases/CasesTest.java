package io.canaryjudge.analysis.cases;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.Reason;
import io.canaryjudge.analysis.verdict.RunAnalysis;
import io.canaryjudge.analysis.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plays the recorded cases, all under {@link CasePolicy}. */
class CasesTest {
  private static final Set<String> BAD =
      Set.of(
          "06_ab_errors_4pct",
          "10_ab_canary10pct_catalog_slow",
          "13_canary_vanishes",
          "20_ab_petshop_search_delay");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01_aa_boutique_50",
        "03_aa_shared_incident",
        "15_aa_trainticket_lowtraffic",
        "24_aa_longrun_24h"
      })
  void honestArmsAreNeverRefused(String name) {
    for (double level : new double[] {0.01, 0.05}) {
      assertThat(play(name, level, true).decisions()).doesNotContain(Decision.NO_GO);
    }
  }

  /** Delays from the onset of the harm, not counting how long the last window waits for samples. */
  @ParameterizedTest
  @CsvSource({
    "06_ab_errors_4pct, error_rate, 300, 85",
    "10_ab_canary10pct_catalog_slow, latency, 240, 115",
  })
  void harmIsFoundForTheRightReasonAndSoon(
      String name, String metric, int onsetSeconds, int mostSeconds) {
    Played played = play(name, 0.01);

    assertThat(played.last().judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(played.last().reason()).isEqualTo(Reason.BEYOND_TOLERANCE);
    assertThat(played.last().metrics())
        .filteredOn(m -> m.decision() == Decision.NO_GO)
        .extracting(m -> m.metric().name())
        .containsExactly(metric);
    assertThat(played.seconds() - onsetSeconds).isBetween(0L, (long) mostSeconds);
  }

  @Test
  void aSilentCanaryEndsTheRunWithinAMinute() {
    Played played = play("13_canary_vanishes", 0.01);

    assertThat(played.last().judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(played.last().reason()).isEqualTo(Reason.NO_DATA);
    assertThat(played.seconds() - 300).isBetween(1L, 60L);
  }

  @Test
  void noOtherCaseIsTakenForSilent() {
    for (String name : RecordedCase.NAMES) {
      if (!name.equals("13_canary_vanishes")) {
        assertThat(play(name, 0.01).last().reason()).as(name).isNotEqualTo(Reason.NO_DATA);
      }
    }
  }

  @Test
  void noBadCanaryIsPromoted() {
    for (String name : BAD) {
      for (double level : new double[] {0.01, 0.05}) {
        assertThat(play(name, level).decisions()).as(name).doesNotContain(Decision.GO);
      }
    }
  }

  @Test
  void aRegressionInTheTailOfCoarseHistogramsIsFoundAtFivePercent() {
    Played played = play("20_ab_petshop_search_delay", 0.05);

    assertThat(played.last().judgedDecision()).isEqualTo(Decision.NO_GO);
    assertThat(played.last().reason()).isEqualTo(Reason.RESOLUTION_APPROX);
  }

  /** What a case led to. */
  private record Played(List<Decision> decisions, Verdict last, long seconds) {}

  private static Played play(String name, double level) {
    return play(name, level, false);
  }

  /**
   * Plays a case to the end of the run or of the recording.
   *
   * @param watch whether to go on judging after a GO
   */
  private static Played play(String name, double level, boolean watch) {
    RecordedCase recorded = RecordedCase.read(name);
    RunAnalysis run =
        RunAnalysis.begin(
            CasePolicy.of(
                level,
                level,
                recorded.windowMillis(),
                recorded.lengthMillis(),
                watch ? recorded.lengthMillis() : 0),
            0);
    List<Decision> decisions = new ArrayList<>();
    for (int i = 0; i < recorded.windows().size() && run.verdict().open(); i++) {
      run.apply(new LogEntry.WindowSealed(i, recorded.windows().get(i)));
      decisions.add(run.verdict().judgedDecision());
    }
    return new Played(decisions, run.verdict(), run.verdict().sealedThroughMillis() / 1000);
  }
}
