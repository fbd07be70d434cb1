package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.LabelMatcher;
import java.util.Arrays;
import java.util.List;

/**
 * Selectors of series on a command line: {@code pod=web-*,api-*} is one of these values, {@code
 * pod} that the label is there, {@code pod=} that it is not.
 */
final class Matchers {

  private Matchers() {}

  static List<LabelMatcher> read(String option, List<String> texts) {
    return texts.stream().map(text -> read(option, text)).toList();
  }

  private static LabelMatcher read(String option, String text) {
    int equals = text.indexOf('=');
    String label = equals < 0 ? text : text.substring(0, equals);
    if (label.isBlank()) {
      throw new UsageException(option + ": '" + text + "' (expected: LABEL=VALUE[,VALUE...])");
    }
    LabelMatcher.Builder matcher = LabelMatcher.newBuilder().setLabel(label);
    if (equals >= 0) {
      matcher.addAllValues(Arrays.asList(text.substring(equals + 1).split(",", -1)));
    }
    return matcher.build();
  }
}
