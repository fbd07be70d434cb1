package io.canaryjudge.client;

/** How a producer ended. Nothing is sent after it. */
public sealed interface ProducerEnd {

  /**
   * It was closed by its owner.
   *
   * @param complete whether everything that was sent is acked; false if closing took too long
   */
  record Closed(boolean complete) implements ProducerEnd {}

  /**
   * The run takes no more samples: it is decided, ended or cancelled. Read the verdict.
   *
   * @param message what the judge said
   */
  record RunClosed(String message) implements ProducerEnd {}

  /**
   * The judge refused the stream in a way that trying again cannot cure: an unknown run, missing
   * permission, a second sender under the same producer identity.
   *
   * @param message what went wrong
   */
  record Refused(String message) implements ProducerEnd {}
}
