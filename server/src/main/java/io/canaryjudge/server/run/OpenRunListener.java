package io.canaryjudge.server.run;

/**
 * Hears which runs take samples. Calls come one at a time and must neither block nor throw; they
 * may come while {@link Runs#watchOpenRuns} runs.
 */
@FunctionalInterface
public interface OpenRunListener {

  /**
   * A run takes samples: told of each once, before the request that created it is answered, so that
   * nothing which its client sends afterwards is missed.
   */
  void opened(OpenRun run);

  /**
   * A run has ended, and that is durable. Told of each that was told of as opened, after its
   * streams have ended. Not told when the server stops, nor of a run that rests after a defect of
   * the server: these go on after the next start, and their samples are still wanted. Their streams
   * end with a reason that says so.
   */
  default void ended(String runId) {}
}
