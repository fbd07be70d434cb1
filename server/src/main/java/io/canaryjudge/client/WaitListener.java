package io.canaryjudge.client;

import io.canaryjudge.proto.v1.Verdict;

/** Hears what happens during a wait, on the thread that waits. */
public interface WaitListener {

  /** The verdict has changed. */
  void changed(Verdict verdict);

  /**
   * The judge cannot be reached; it will be tried again. Told once per try.
   *
   * @param cause why
   */
  void outOfReach(JudgeCallException cause);
}
