package io.canaryjudge.server.api;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What both doors do with errors before they map them. */
final class Errors {

  private static final Logger LOG = LoggerFactory.getLogger(Errors.class);
  private static final long RETRY_MILLIS = 1_000;

  private Errors() {}

  /** Takes an error out of the wrappers of futures. */
  static Throwable unwrap(Throwable error) {
    Throwable cause = error;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /**
   * The error as a caller may see it. One that was not thrown on purpose is a defect of ours: it is
   * logged under a new id, and the caller learns that id and nothing else.
   */
  static JudgeException known(Throwable error) {
    if (error instanceof JudgeException known) {
      return known.reason() == ErrorReason.INTERNAL ? defect(known) : withRetry(known);
    }
    return defect(error);
  }

  private static JudgeException defect(Throwable error) {
    String id = UUID.randomUUID().toString();
    LOG.error("request failed by a defect, incident_id={}", id, error);
    return JudgeException.of(ErrorReason.INTERNAL, "internal error, incident " + id)
        .with("incident_id", id);
  }

  /** What is unavailable now is worth trying again, whoever found out. */
  private static JudgeException withRetry(JudgeException error) {
    return switch (error.reason()) {
      case STARTING, DRAINING, STORE_UNAVAILABLE ->
          error.retryAfterMillis().isPresent() ? error : error.retryAfter(RETRY_MILLIS);
      default -> error;
    };
  }

  /** A limit that ends by itself: try again soon. */
  static JudgeException limitReached(String limit, int value) {
    return JudgeException.of(
            ErrorReason.LIMIT_REACHED, limit + ": " + value + " are in progress, try again")
        .with("limit", limit)
        .with("value", Integer.toString(value))
        .retryAfter(RETRY_MILLIS);
  }
}
