package io.canaryjudge.server.notify;

/** Texts of a bounded length. */
final class Texts {

  private Texts() {}

  /** A text of at most so many characters, with an ellipsis where something was left out. */
  static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = most - 1;
    if (Character.isHighSurrogate(text.charAt(end - 1))) {
      end--; // never half a character
    }
    return text.substring(0, end) + "…";
  }

  /** One line that a log or a terminal may show: what is no printable character is a blank. */
  static String line(String text, int most) {
    StringBuilder line = new StringBuilder();
    text.strip()
        .codePoints()
        .forEach(c -> line.appendCodePoint(Character.isISOControl(c) || c == 0x2028 ? ' ' : c));
    return cut(line.toString(), most);
  }
}
