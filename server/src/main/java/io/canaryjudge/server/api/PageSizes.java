package io.canaryjudge.server.api;

import io.canaryjudge.server.error.JudgeException;

/** How many items a page has, by what a list request asks for. */
final class PageSizes {

  private static final int DEFAULT = 50;
  private static final int MAX = 1_000;

  private PageSizes() {}

  /**
   * The size of the page.
   *
   * @param asked 0 for the default; what is too large is lowered
   * @throws JudgeException {@code INVALID_FIELD} if it is negative
   */
  static int of(int asked) {
    if (asked < 0) {
      throw JudgeException.invalidField("page_size", asked, "at least 0");
    }
    return asked == 0 ? DEFAULT : Math.min(asked, MAX);
  }
}
