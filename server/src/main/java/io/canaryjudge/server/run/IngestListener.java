package io.canaryjudge.server.run;

import io.canaryjudge.server.error.JudgeException;
import java.util.List;

/**
 * What a door hears about a stream. Calls come one at a time and must not block; they may come
 * while {@link Runs#openStream} runs.
 */
public interface IngestListener {

  /**
   * The stream is open; sent once, first.
   *
   * @param session takes the batches
   * @param committedSequence the last durable batch of the producer; 0 if there is none
   */
  void opened(IngestSession session, long committedSequence);

  /**
   * Batches are durable. There may be room for more batches now.
   *
   * @param committedSequence all batches up to this one are
   * @param rejections what was refused in those that are new since the last call
   */
  void acked(long committedSequence, List<Rejection> rejections);

  /**
   * The stream may be read on, which had to wait for memory. A door that does not wait, but tells
   * its sender to come again, need not listen.
   */
  default void readOn() {}

  /**
   * Everything sent before {@link IngestSession#halfClose} is durable and acked. Nothing follows.
   */
  void finished();

  /** The stream ended otherwise. Nothing follows. */
  void ended(JudgeException reason);
}
