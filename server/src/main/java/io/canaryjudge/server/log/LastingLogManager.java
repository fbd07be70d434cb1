package io.canaryjudge.server.log;

import java.util.logging.LogManager;

/**
 * Keeps its handlers during a graceful stop: the standard manager closes them in a shutdown hook of
 * its own, and what is written about the stop would be lost. Named by the system property {@code
 * java.util.logging.manager}.
 */
public final class LastingLogManager extends LogManager {

  private volatile boolean configured;

  /** From now on, handlers stay. */
  void keepHandlers() {
    configured = true;
  }

  @Override
  public void reset() {
    if (!configured) {
      super.reset();
    }
  }
}
