package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.canaryjudge.analysis.cases.CasePolicy;
import io.canaryjudge.analysis.cases.RecordedCase;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.analysis.policy.Threshold;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Agreement, window by window, with an independent implementation in Python on recorded streams:
 * see README.md beside the traces for how they were made.
 */
class TraceTest {
  private static final int THRESHOLDS = 4;

  /**
   * Terms that hardly count are left out of the sum here, which may cost 1e-6; and the two
   * implementations break a tie between two thresholds otherwise: in case 10 once, at its second
   * window.
   */
  @ParameterizedTest
  @CsvSource({
    "01_aa_boutique_50, 1e-5",
    "06_ab_errors_4pct, 1e-5",
    "10_ab_canary10pct_catalog_slow, 0.06",
  })
  void agrees(String name, double tolerance) throws IOException {
    RecordedCase recorded = RecordedCase.read(name);
    RunEvidence evidence =
        new RunEvidence(oneMargin(CasePolicy.of(0.01, 0.01, 5000, recorded.lengthMillis(), 0)), 0);
    List<double[]> rows = rows("trace_" + name.substring(0, 2) + ".csv");
    int next = 0;
    for (int window = 0; window < recorded.windows().size(); window++) {
      evidence.fold(recorded.windows().get(window), false);
      if (next < rows.size() && rows.get(next)[0] == window) {
        double[] row = rows.get(next++);
        for (int i = 0; i < THRESHOLDS; i++) {
          check(name + " " + window + " " + i, threshold(evidence, i), row, 3 * i + 1, tolerance);
        }
      }
    }
    assertThat(next).isEqualTo(rows.size()).isGreaterThan(30);
  }

  private static void check(
      String where, ThresholdEvidence threshold, double[] row, int at, double tolerance) {
    boolean fewErrors = at == 1 && threshold.harmfulEvents() < 5;
    double logHarm = fewErrors ? Math.min(threshold.logHarm(), 0) : threshold.logHarm();
    assertThat(logHarm).as(where + " harm").isCloseTo(row[at], within(near(row[at], tolerance)));
    assertThat(threshold.logSafe())
        .as(where + " safe")
        .isCloseTo(row[at + 1], within(near(row[at + 1], tolerance)));
    assertThat(threshold.harmDispersion())
        .as(where + " dispersion")
        .isCloseTo(row[at + 2], within(near(row[at + 2], tolerance)));
  }

  private static double near(double expected, double tolerance) {
    return tolerance * Math.max(1, Math.abs(expected));
  }

  private static ThresholdEvidence threshold(RunEvidence evidence, int i) {
    return i == 0
        ? evidence.metrics().get(RecordedCase.ERRORS).thresholds().get(0)
        : evidence.metrics().get(RecordedCase.LATENCY).thresholds().get(i - 1);
  }

  /** The traces have the margins of NO_GO for GO too. */
  private static Policy oneMargin(Policy p) {
    return new Policy(
        p.name(),
        p.description(),
        p.alpha(),
        p.beta(),
        p.windowMillis(),
        p.latenessMillis(),
        p.warmUpMillis(),
        p.minimumStepMillis(),
        p.deadlineMillis(),
        p.watchAfterGoMillis(),
        p.burstGuardMillis(),
        p.minimumCoverage(),
        p.instanceCoefficientOfVariation(),
        p.onMissingData(),
        p.onInconclusive(),
        p.metrics().stream().map(TraceTest::oneMargin).toList(),
        p.checks(),
        p.trafficPlan(),
        p.overridable(),
        ReleaseRules.NONE);
  }

  private static MetricPolicy oneMargin(MetricPolicy m) {
    return new MetricPolicy(
        m.name(),
        m.kind(),
        m.unit(),
        m.harmfulDirection(),
        m.role(),
        m.weight(),
        m.duringWarmUp(),
        m.minimumEvents(),
        m.thresholds().stream()
            .map(t -> new Threshold(t.quantile(), t.noGo(), t.noGo(), t.sustainedMillis()))
            .toList(),
        List.of(),
        null);
  }

  private static List<double[]> rows(String file) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(TraceTest.class.getResourceAsStream(file)),
                StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .skip(1)
          .map(line -> Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble))
          .map(DoubleStream::toArray)
          .toList();
    }
  }
}
