package io.canaryjudge.server.ingest.series;

import io.canaryjudge.server.run.Refusal;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What became of a point.
 *
 * @param kind the kind of outcome
 * @param reason why it was refused; null exactly if it was not
 * @param example what came and what was expected; empty if it was not refused
 */
record PointOutcome(Kind kind, @Nullable Refusal reason, String example) {

  /** Kinds of outcomes, from the one that says most: a point for several runs has the first. */
  enum Kind {
    /** It counts in a run, or where it stands is known from now on. */
    TAKEN,

    /** It had come before. */
    REPEATED,

    /** Another series of its instance, which came first, counts the same requests. */
    SHADOWED,

    /** It makes no sense, or comes too late. */
    REFUSED,

    /** No open run is made of it. */
    UNMATCHED;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Name for metrics. */
    String label() {
      return label;
    }
  }

  static final PointOutcome TAKEN = new PointOutcome(Kind.TAKEN, null, "");
  static final PointOutcome REPEATED = new PointOutcome(Kind.REPEATED, null, "");
  static final PointOutcome SHADOWED = new PointOutcome(Kind.SHADOWED, null, "");
  static final PointOutcome UNMATCHED = new PointOutcome(Kind.UNMATCHED, null, "");

  static PointOutcome refused(Refusal reason, String example) {
    return new PointOutcome(Kind.REFUSED, reason, example);
  }

  /** The one of two that says more. */
  PointOutcome or(PointOutcome other) {
    return other.kind.compareTo(kind) < 0 ? other : this;
  }
}
