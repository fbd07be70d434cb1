package io.canaryjudge.cli;

import io.canaryjudge.client.VerdictPrinter;
import io.canaryjudge.proto.v1.Verdict;
import java.math.BigDecimal;
import java.math.MathContext;

/** Small pieces of text about verdicts. Harmless: none of it was written by others. */
final class Figures {

  private static final VerdictPrinter PLAIN = new VerdictPrinter(false);

  private Figures() {}

  /** Decision and reason. */
  static String headline(Verdict verdict) {
    return PLAIN.headline(verdict);
  }

  /** Three significant digits. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return String.valueOf(value);
    }
    return value == 0
        ? "0"
        : new BigDecimal(value).round(new MathContext(3)).stripTrailingZeros().toPlainString();
  }
}
