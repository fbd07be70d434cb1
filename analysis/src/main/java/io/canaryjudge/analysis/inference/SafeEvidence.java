package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Evidence that the canary is within a tolerance of one or two conditions. It is within it if it is
 * within either, so the mean of the e-values counts: it is one against being beyond both.
 */
final class SafeEvidence {
  private final EProcess[] conditions;

  SafeEvidence(int conditions) {
    this.conditions = new EProcess[conditions];
    for (int i = 0; i < conditions; i++) {
      this.conditions[i] = new EProcess();
    }
  }

  /** The sums of a condition, to which factors are added. */
  double[] sums(int condition) {
    return conditions[condition].sums();
  }

  double logE(Tempering tempering) {
    double log = conditions[0].logE(tempering);
    for (int i = 1; i < conditions.length; i++) {
      log = LogSpace.logAddExp(log, conditions[i].logE(tempering));
    }
    return conditions.length == 1 ? log : log - StrictMath.log(conditions.length);
  }

  void write(DataOutput out) throws IOException {
    for (EProcess condition : conditions) {
      condition.write(out);
    }
  }

  void read(DataInput in) throws IOException {
    for (int i = 0; i < conditions.length; i++) {
      conditions[i] = EProcess.read(in);
    }
  }
}
