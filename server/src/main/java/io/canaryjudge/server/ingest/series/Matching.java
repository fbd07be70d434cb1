package io.canaryjudge.server.ingest.series;

import io.canaryjudge.analysis.policy.LabelMatcher;
import java.util.List;

/** Whether labels are what a {@link LabelMatcher} asks for. */
final class Matching {

  private Matching() {}

  static boolean all(List<LabelMatcher> matchers, Labels labels) {
    for (LabelMatcher matcher : matchers) {
      if (!one(matcher, labels)) {
        return false;
      }
    }
    return true;
  }

  static boolean any(List<LabelMatcher> matchers, Labels labels) {
    for (LabelMatcher matcher : matchers) {
      if (one(matcher, labels)) {
        return true;
      }
    }
    return false;
  }

  private static boolean one(LabelMatcher matcher, Labels labels) {
    return matcher.accepts(labels.get(LabelNames.normal(matcher.label())));
  }
}
