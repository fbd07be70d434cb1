package io.canaryjudge.server.run;

import org.jspecify.annotations.Nullable;

/**
 * Something that has to be known again after a restart, written with batches of one stream. Got by
 * {@link IngestSession#note}; belongs to that session and is used only while it takes a batch.
 */
public final class Note {

  private final RunNotes.Entry entry;
  private @Nullable Partial partial;
  private int place;

  Note(RunNotes.Entry entry) {
    this.entry = entry;
  }

  RunNotes.Entry entry() {
    return entry;
  }

  /** Puts a content in the place of that which the partial has, if it has one. */
  @SuppressWarnings("ReferenceEquality") // which of two partials, not what is in them
  void write(Partial target, byte[] content) {
    if (partial == target) {
      target.renote(place, content);
    } else {
      partial = target;
      place = target.note(this, content);
    }
  }

  /** Lets go of the partial that it was written to, which it would keep alive. */
  void close() {
    partial = null;
  }
}
