package io.canaryjudge.server.ingest.pull;

import java.util.Locale;

/** What became of a query. */
public enum PullOutcome {
  /** All that it brought is durable. */
  TAKEN,

  /** No connection, or it broke. */
  UNREACHABLE,

  /** No answer in time. */
  TIMEOUT,

  /** Our credentials cannot be read, or are refused. */
  CREDENTIALS,

  /** The answer would have more series, points or bytes than is allowed, here or there. */
  LIMIT,

  /** Another status than 200. */
  STATUS,

  /** An answer that is not one of this API. */
  MALFORMED,

  /** The judge could not take it: too much to write, or the database is away. */
  NOT_TAKEN;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name for metrics. */
  public String label() {
    return label;
  }
}
