package io.canaryjudge.server.notify;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What may happen to a run that is worth telling. */
public enum EventKind {
  /** The run was opened. */
  OPENED,

  /** The deploy tool moved traffic. */
  STEP,

  /** A check failed. */
  CHECK_FAILED,

  /** A check did not come in time. */
  CHECK_EXPIRED,

  /** The evidence or a check led to GO, NO_GO or INCONCLUSIVE; after a GO, NO_GO may follow. */
  DECIDED,

  /** A person decided. */
  OVERRIDDEN,

  /** The run was ended without a decision. */
  CANCELLED,

  /** No more samples are taken. */
  ENDED;

  /** What a target is told of unless it chooses: all but the end, which mostly is the decision. */
  public static final List<EventKind> USUAL =
      List.of(OPENED, STEP, CHECK_FAILED, CHECK_EXPIRED, DECIDED, OVERRIDDEN, CANCELLED);

  /** As in settings, identities and types of events: {@code check-failed}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The kind of a word. */
  public static Optional<EventKind> of(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
  }
}
