package io.canaryjudge.analysis.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Gathers violations, so that all of them can be told at once. Used by one thread. */
final class Violations {

  private final List<PolicyViolation> found = new ArrayList<>();

  /** Everything that was found, in the order in which it was looked for. */
  List<PolicyViolation> found() {
    return List.copyOf(found);
  }

  /** Notes a violation unless the condition holds. NaN has to fail it: write {@code x > 0}. */
  void require(boolean holds, String path, String came, String expected) {
    if (!holds) {
      found.add(new PolicyViolation(path, came, expected));
    }
  }

  void require(boolean holds, String path, double came, String expected) {
    require(holds, path, number(came), expected);
  }

  void duration(String path, long millis, long leastMillis, long mostMillis) {
    require(
        millis >= leastMillis && millis <= mostMillis,
        path,
        DurationText.format(millis),
        DurationText.format(leastMillis) + " to " + DurationText.format(mostMillis));
  }

  void count(String path, int count, int least, int most, String what) {
    require(
        count >= least && count <= most,
        path,
        count + " " + what,
        least == 0 ? "at most " + most : least + " to " + most);
  }

  void name(String path, String name, Pattern pattern) {
    require(pattern.matcher(name).matches(), path, quote(name), pattern.pattern());
  }

  /** Notes a name that an earlier element of a list has too. */
  void distinct(String path, String name, Set<String> seen) {
    require(seen.add(name), path, quote(name), "distinct names");
  }

  /** Not what databases and terminals cannot keep: NUL, other controls, halves of a character. */
  static boolean isPrintable(int codePoint) {
    return !(Character.isISOControl(codePoint)
        || Character.getType(codePoint) == Character.SURROGATE);
  }

  static String quote(String text) {
    return '"' + text + '"';
  }

  /** A number as people write it: no trailing {@code .0}. */
  static String number(double value) {
    boolean whole = value == StrictMath.rint(value) && StrictMath.abs(value) < 1e15;
    return whole ? Long.toString((long) value) : Double.toString(value);
  }
}
