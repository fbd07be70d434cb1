package io.canaryjudge.server.ingest.series;

import java.util.concurrent.CompletableFuture;

/** Takes the points of series into whichever runs they belong to. Used by any thread. */
public interface SeriesIntake {

  /**
   * Whether an open run may want series of this name. If not, their points need not be read any
   * further: a sender of thousands of other series should cost next to nothing.
   *
   * @param name in {@linkplain LabelNames#normal one spelling}, without {@code _bucket}, and as
   *     Prometheus writes it or as OpenTelemetry does (with or without unit and {@code _total})
   */
  boolean wants(String name);

  /**
   * Whether some run may be made of series with these labels, or with more than these. A door that
   * keeps what it knows of series keeps it of such only.
   */
  default boolean knows(Labels labels) {
    return true;
  }

  /**
   * Takes a request, all of it or nothing. Returns at once, also on a transport's thread.
   *
   * @return completed when everything is durable. Fails with a {@link
   *     io.canaryjudge.server.error.JudgeException} that says when to try again: {@code
   *     LIMIT_REACHED} if a run has too much to write, {@code DRAINING}, {@code STORE_UNAVAILABLE}.
   *     A repeat of the request is harmless then
   */
  CompletableFuture<SeriesAnswer> take(SeriesRequest request);
}
