package io.canaryjudge.server.run;

/**
 * Counts every sample that comes in, so that none is lost silently: at each door
 *
 * <pre>received = accepted + repeated + late + rejected, over all reasons</pre>
 *
 * <p>Samples are counted as received and as one of the others at the same moment: when their batch
 * is durable, or when it is clear that it never will be. Called by any thread, and must not block.
 */
public interface SampleAccounting {

  /** Samples in batches that could be read. */
  void received(Door door, long samples);

  /** Samples that count in a window. */
  void accepted(Door door, long samples);

  /** Samples of batches that had come before: without effect. */
  void repeated(Door door, long samples);

  /** Samples whose window was sealed. */
  void late(Door door, long samples);

  /**
   * Samples refused for another reason.
   *
   * @param reason not {@link Refusal#LATE}
   */
  void rejected(Door door, Refusal reason, long samples);
}
