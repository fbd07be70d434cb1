package io.canaryjudge.analysis.cases;

import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.RunAnalysis;
import io.canaryjudge.analysis.verdict.Verdict;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CasesTest {
  static List<String> names() {
    return RecordedCase.NAMES;
  }

  @ParameterizedTest
  @MethodSource("names")
  void plays(String name) {
    for (double a : new double[] {0.01, 0.05}) {
      RecordedCase recorded = RecordedCase.read(name);
      RunAnalysis run =
          RunAnalysis.begin(
              CasePolicy.of(a, a, recorded.windowMillis(), recorded.lengthMillis()), 0);
      Verdict v = run.verdict();
      int i = 0;
      double max = -99;
      long t0 = System.nanoTime();
      for (; i < recorded.windows().size() && v.open(); i++) {
        v = run.apply(new LogEntry.WindowSealed(i, recorded.windows().get(i)));
        max = Math.max(max, v.logHarmEvidence());
      }
      System.out.printf(
          "%s a=%s: %s %s at %d s, lnN %.2f max %.2f, lnG %s phi %s (%.1f ms)%n",
          name,
          a,
          v.judgedDecision(),
          v.reason(),
          i * recorded.windowMillis() / 1000,
          v.logHarmEvidence(),
          max,
          v.metrics().stream()
              .flatMap(m -> m.thresholds().stream())
              .map(t -> String.format("%.1f/%.1f", t.logHarmEvidence(), t.logSafeEvidence()))
              .toList(),
          v.metrics().stream()
              .flatMap(m -> m.thresholds().stream())
              .map(t -> String.format("%.1f/%.1f", t.harmDispersion(), t.safeDispersion()))
              .toList(),
          (System.nanoTime() - t0) / 1e6);
    }
  }
}
