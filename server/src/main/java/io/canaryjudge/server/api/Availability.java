package io.canaryjudge.server.api;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;

/** Where the process is in its life. Set by the composition root, read by both doors. */
public final class Availability {

  /** What the doors do with calls. */
  public enum State {
    /** Refuse them: what was open before is being recovered. */
    STARTING,
    /** Answer them. */
    READY,
    /** Refuse new ones; those in progress are ending. */
    DRAINING
  }

  private volatile State state = State.STARTING;

  /** The present state. */
  public State state() {
    return state;
  }

  /** Everything is recovered. */
  public void ready() {
    state = State.READY;
  }

  /** The process is about to stop. */
  public void draining() {
    state = State.DRAINING;
  }

  /** Throws STARTING or DRAINING unless calls are answered. */
  void check() {
    switch (state) {
      case READY -> {}
      case STARTING -> throw JudgeException.of(ErrorReason.STARTING, "the server is starting");
      case DRAINING -> throw JudgeException.of(ErrorReason.DRAINING, "the server is stopping");
    }
  }
}
