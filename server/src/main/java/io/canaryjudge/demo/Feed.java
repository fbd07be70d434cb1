package io.canaryjudge.demo;

import java.io.IOException;
import java.util.List;

/** A way for observations to get into a run. One object feeds one run. */
interface Feed extends AutoCloseable {

  /** Makes a feed for a run. */
  interface Factory {

    /**
     * Begins to feed.
     *
     * @param run {@code analysisRuns/{analysis_run}}
     * @param instances of both arms: all that observations will be about
     */
    Feed open(String run, List<CheckoutInstance> instances)
        throws IOException, InterruptedException;
  }

  /** Takes one observation, from any thread, without waiting. */
  void observe(Observation observation);

  /** Sends what is left. */
  @Override
  void close();
}
