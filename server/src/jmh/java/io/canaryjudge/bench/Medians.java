package io.canaryjudge.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** The medians of both servers, and of the ratios of neighbours in time, with their extremes. */
record Medians(double judge, double empty, double ratio, double leastRatio, double mostRatio) {

  /** Compares repetitions, of which those at one place were neighbours in time. */
  static Medians of(List<Rates> judge, List<Rates> empty, ToDoubleFunction<Rates> which) {
    double[] ofJudge = judge.stream().mapToDouble(which).toArray();
    double[] ofEmpty = empty.stream().mapToDouble(which).toArray();
    double[] ratios = new double[ofJudge.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ofJudge[i] / ofEmpty[i];
    }
    return new Medians(
        Quantiles.of(ofJudge, 0.5),
        Quantiles.of(ofEmpty, 0.5),
        Quantiles.of(ratios, 0.5),
        Quantiles.of(ratios, 0),
        Quantiles.of(ratios, 1));
  }
}
