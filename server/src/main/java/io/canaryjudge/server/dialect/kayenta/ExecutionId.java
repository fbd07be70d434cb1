package io.canaryjudge.server.dialect.kayenta;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The id of an execution: the run, and the thresholds that its asker has for scores. Two askers
 * that share a run are each answered by their own.
 *
 * @param runId the run
 * @param thresholds what its asker makes of a score
 */
record ExecutionId(String runId, ScoreThresholds thresholds) {

  private static final Pattern FORM =
      Pattern.compile(
          "([0-9A-Za-z-]{1,64})(?:_([0-9]{1,3}(?:\\.[0-9]+)?)_([0-9]{1,3}(?:\\.[0-9]+)?))?");

  /**
   * Reads an id; that of a run alone has the default thresholds.
   *
   * @throws JudgeException {@code RUN_NOT_FOUND} if it is none of ours
   */
  static ExecutionId parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw JudgeException.of(ErrorReason.RUN_NOT_FOUND, "There is no execution " + text + ".");
    }
    return new ExecutionId(
        matcher.group(1),
        matcher.group(2) == null
            ? ScoreThresholds.DEFAULT
            : new ScoreThresholds(
                Double.parseDouble(matcher.group(2)), Double.parseDouble(matcher.group(3))));
  }

  @Override
  public String toString() {
    return runId + "_" + plain(thresholds.pass()) + "_" + plain(thresholds.marginal());
  }

  static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }
}
