package io.canaryjudge.server.run;

import io.canaryjudge.server.store.NotePage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What was noted with the samples of a run, and what of it is not written yet.
 *
 * <p>Each commit writes a page of what is new: one row, however many series moved. When the pages
 * since the last whole one hold {@value #REWRITE_AT} times what all notes need, the next one is
 * whole, and those before go: so writing costs a quarter more than what is new, and reading after a
 * restart a bounded multiple of what is known.
 *
 * <p>Changed by the run's owner; {@link #all} may be read by any thread.
 */
final class RunNotes {

  private static final int REWRITE_AT = 4;

  /** Below this nothing is gained by writing all again. */
  private static final long LITTLE_BYTES = 16_384;

  private final Map<String, byte[]> all;
  private final List<Map<String, byte[]>> fresh = new ArrayList<>();
  private long freshBytes;
  private long allBytes;
  private long pageBytes;

  /**
   * Goes on with notes.
   *
   * @param stored what is durable; how many pages that takes is not known, so that the first one
   *     that is written is whole
   */
  RunNotes(Map<String, byte[]> stored) {
    all = new ConcurrentHashMap<>(stored);
    stored.forEach((key, note) -> allBytes += bytes(key, note));
    pageBytes = stored.isEmpty() ? 0 : Long.MAX_VALUE / 2;
  }

  /** Everything that was noted so far, by key; a view. */
  Map<String, byte[]> all() {
    return Collections.unmodifiableMap(all);
  }

  /** Takes what was noted with samples that were collected; the map is not changed after. */
  void add(Map<String, byte[]> more) {
    if (more.isEmpty()) {
      return;
    }
    fresh.add(more);
    more.forEach(
        (key, note) -> {
          byte[] before = all.put(key, note);
          long bytes = bytes(key, note);
          freshBytes += bytes;
          allBytes += bytes - (before == null ? 0 : bytes(key, before));
        });
  }

  /** Forgets what is new: nobody goes on from there. */
  void drop() {
    fresh.clear();
    freshBytes = 0;
  }

  /** What is new since the last call, to be written; null if nothing is. */
  @Nullable NotePage cut() {
    if (fresh.isEmpty()) {
      return null;
    }
    boolean whole = pageBytes + freshBytes > Math.max(LITTLE_BYTES, REWRITE_AT * allBytes);
    NotePage.Builder page =
        new NotePage.Builder(Math.toIntExact(1 + (whole ? allBytes : freshBytes)));
    if (whole) {
      all.forEach(page::add);
    } else {
      fresh.forEach(notes -> notes.forEach(page::add));
    }
    pageBytes = whole ? allBytes : pageBytes + freshBytes;
    drop();
    return page.build(whole);
  }

  private static long bytes(String key, byte[] note) {
    return NotePage.noteBytes(key.length(), note.length);
  }
}
