package io.canaryjudge.client;

import io.canaryjudge.proto.v1.SampleRejection;
import java.time.Duration;

/** Hears what a producer meets. Called by the producer's own thread: must not block. */
public interface ProducerListener {

  /** Hears nothing. */
  ProducerListener NONE = new ProducerListener() {};

  /** The judge refused samples. */
  default void onRejected(SampleRejection rejection) {}

  /** Observations were not sent, since the last time that this reason was reported. */
  default void onUnsent(UnsentReason reason, long observations) {}

  /** The connection broke, and is tried again after a while. */
  default void onDisconnected(JudgeCallException cause, Duration retryIn) {}

  /** The producer ended. Called once, last. */
  default void onEnd(ProducerEnd end) {}
}
