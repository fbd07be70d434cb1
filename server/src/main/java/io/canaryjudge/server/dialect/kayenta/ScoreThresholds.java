package io.canaryjudge.server.dialect.kayenta;

import io.canaryjudge.server.dialect.JsonTree;
import java.util.Map;

/**
 * What a tool makes of a score.
 *
 * @param pass from here on it promotes; in [marginal, 100]
 * @param marginal from here on it calls a person, below it rolls back; above 0, so that 0 does
 */
record ScoreThresholds(double pass, double marginal) {

  private static final double PASS = 95;
  private static final double MARGINAL = 75;

  /** Those that Kayenta's own examples have. */
  static final ScoreThresholds DEFAULT = new ScoreThresholds(PASS, MARGINAL);

  /** Reads them; the defaults where there are none, with what is wrong noted in the tree. */
  static ScoreThresholds read(JsonTree tree) {
    double marginal = tree.number("marginal", MARGINAL, 0, 100);
    double pass = tree.number("pass", Math.max(PASS, marginal), 0, 100);
    if (pass < marginal) {
      tree.refuse("pass", pass, "at least marginal, " + marginal);
      return DEFAULT;
    }
    return new ScoreThresholds(pass, marginal);
  }

  /** Those that a run was begun with; the defaults for a run that was begun elsewhere. */
  static ScoreThresholds of(Map<String, String> labels) {
    String pass = labels.get("kayenta_pass");
    String marginal = labels.get("kayenta_marginal");
    return pass == null || marginal == null
        ? DEFAULT
        : new ScoreThresholds(Double.parseDouble(pass), Double.parseDouble(marginal));
  }

  /**
   * A score that calls a person: a whole number, since Argo Rollouts and Orca cut off what is
   * behind the point. Without room between the thresholds it is one that rolls back: not knowing is
   * no GO.
   */
  double inconclusive() {
    double between = Math.floor((pass + marginal) / 2);
    return between >= marginal && between < pass
        ? between
        : marginal < pass && Math.ceil(marginal) < pass
            ? Math.ceil(marginal)
            : Math.max(0, Math.ceil(marginal) - 1);
  }

  /** Kayenta's word for a score. */
  String word(double score) {
    return score >= pass ? "Pass" : score >= marginal ? "Marginal" : "Fail";
  }
}
