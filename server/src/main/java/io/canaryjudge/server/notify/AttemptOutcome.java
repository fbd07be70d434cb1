package io.canaryjudge.server.notify;

import java.util.Locale;

/** What became of an attempt to deliver a notification. */
public enum AttemptOutcome {
  /** The receiver has taken it: 2xx. */
  DELIVERED,

  /** The receiver says that it will never take it: 400, 410, 413 or 422. */
  REFUSED,

  /** The receiver asks to wait: 429, or 503 with a time. */
  LIMITED,

  /** The receiver points elsewhere, which is not followed: 3xx. */
  REDIRECTED,

  /** Any other status. */
  STATUS,

  /** No answer in time. */
  TIMEOUT,

  /** No connection, or it broke, or its certificate is not trusted. */
  UNREACHABLE,

  /** A file with a URL, a secret or a token cannot be used. */
  CREDENTIALS,

  /** What is stored cannot be told. */
  UNREADABLE;

  /** As in metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
