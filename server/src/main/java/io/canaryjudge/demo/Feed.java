package io.canaryjudge.demo;

import io.canaryjudge.client.ProducerStats;

/** A way for observations to get into a run. One object feeds one run. */
interface Feed extends AutoCloseable {

  /** Makes a feed for a run. */
  interface Factory {
    Feed open(String run);
  }

  /** Takes one observation, from any thread, without waiting. */
  void observe(Observation observation);

  /** What became of the observations. */
  ProducerStats stats();

  /** Sends what is left. */
  @Override
  void close();
}
