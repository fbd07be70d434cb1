package io.canaryjudge.server.run;

/**
 * What happens in the process, for metrics. Called by its threads, so nothing may block or throw.
 */
public interface RunTelemetry {

  /** Hears nothing. */
  RunTelemetry NONE = new RunTelemetry() {};

  /**
   * Runs were committed together.
   *
   * @param runs how many
   * @param nanos how long the transaction took
   */
  default void committed(int runs, long nanos) {}

  /** A commit failed and will be tried again. */
  default void commitFailed() {}

  /**
   * The judge was out of reach for a while: it was started, stopped for a while, or its database
   * did not answer.
   */
  default void interrupted() {}

  /**
   * Windows were sealed and committed.
   *
   * @param windows how many
   * @param lagMillis time from when the last of them could have been sealed until it was committed;
   *     0 for a retrospective run
   */
  default void sealed(int windows, long lagMillis) {}

  /**
   * The newest committed verdict of a run; the last one of it is not open.
   *
   * @param snapshot the run
   */
  default void published(RunSnapshot snapshot) {}

  /** An owner ended by a defect; its run rests until the server is started again. */
  default void ownerFailed() {}

  /**
   * What samples hold after a round of commits.
   *
   * @param heldBytes memory until their windows are sealed and durable
   * @param limitBytes the bound of that
   * @param slowedStreams streams that waited for this round because memory is scarce
   */
  default void sampleMemory(long heldBytes, long limitBytes, int slowedStreams) {}

  /** A stream was opened. */
  default void streamOpened(Door door) {}

  /** A stream has ended. */
  default void streamEnded(Door door) {}
}
