package io.canaryjudge.server.ingest.pull;

/** Hears what became of queries. Used by any thread. */
@FunctionalInterface
public interface PullAccounting {

  /** A query ended. */
  void ended(PullOutcome outcome);
}
