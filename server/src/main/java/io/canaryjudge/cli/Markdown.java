package io.canaryjudge.cli;

import java.util.regex.Pattern;

/** Escapes text of others for a place within Markdown, as GitHub and GitLab read it. */
final class Markdown {

  private static final int MAX_LENGTH = 600;

  /** What CommonMark gives a meaning to within a line; escaped by a backslash. */
  private static final Pattern SPECIAL = Pattern.compile("[\\\\`*_{}\\[\\]()#|~!@:$^]");

  private static final Pattern BARE_LINK = Pattern.compile("(?i)www\\.");

  private Markdown() {}

  /** One line of text that means nothing but itself, also in the cell of a table. */
  static String text(String text) {
    String line = Printable.text(text).strip();
    String cut = line.length() > MAX_LENGTH ? line.substring(0, MAX_LENGTH) + " ..." : line;
    String escaped = SPECIAL.matcher(cut).replaceAll("\\\\$0");
    return BARE_LINK
        .matcher(escaped)
        .replaceAll("www\\\\.")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;");
  }
}
