package io.canaryjudge.server.run;

import io.canaryjudge.server.store.NotePage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What was noted with the samples of a run, and what of it is not written yet.
 *
 * <p>Each commit writes a page of what is new: one row, however many series moved. When the pages
 * since the last whole one hold {@value #REWRITE_AT} times what all notes need, the next one is
 * whole, and those before go: so writing costs at most about a third more than what is new, and
 * reading after a restart a bounded multiple of what is known. Small pages are not kept for ever
 * either.
 *
 * <p>Changed by the run's owner; keys are admitted, and contents read, by any thread.
 */
final class RunNotes {

  private static final Pattern KEY = Pattern.compile("[!-~]{1," + NotePage.MAX_KEY_LENGTH + "}");

  private static final int REWRITE_AT = 4;

  /** So many pages may follow a whole one. */
  private static final int MAX_PAGES = 4_096;

  /** No more keys are admitted when their notes need so much. */
  private static final long MAX_BYTES = 64L << 20;

  /** Below this nothing is gained by writing all again. */
  private static final long LITTLE_BYTES = 16_384;

  private final int most;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();
  private final AtomicLong allBytes = new AtomicLong();
  private final List<Entry> fresh = new ArrayList<>();
  private long freshBytes;
  private long pageBytes;
  private int pages;

  /** A key that was admitted. */
  static final class Entry {
    private final String key;
    private volatile byte @Nullable [] content;
    private boolean isFresh;

    private Entry(String key) {
      this.key = key;
    }

    /** What was noted with all samples that were collected so far; null if nothing was. */
    byte @Nullable [] content() {
      return content;
    }
  }

  /**
   * Goes on with notes.
   *
   * @param stored what is durable; how many pages that takes is not known, so that the first one
   *     that is written is whole
   * @param most so many keys are admitted
   */
  RunNotes(Map<String, byte[]> stored, int most) {
    this.most = most;
    stored.forEach(
        (key, content) -> {
          Entry entry = new Entry(key);
          entry.content = content;
          entries.put(key, entry);
          allBytes.addAndGet(bytes(key, content));
        });
    pageBytes = stored.isEmpty() ? 0 : Long.MAX_VALUE / 2;
  }

  /**
   * Takes room for a note, if it has none yet.
   *
   * @param key 1 to 200 printable ASCII characters
   * @return null if there are too many
   */
  @Nullable Entry admit(String key) {
    Entry present = entries.get(key);
    if (present != null || entries.size() >= most || allBytes.get() >= MAX_BYTES) {
      return present;
    }
    if (!KEY.matcher(key).matches()) {
      // Refused here, where it comes from, and not by the database, where it would stop the run.
      throw new IllegalArgumentException("key: \"" + key + "\" (expected: " + KEY + ")");
    }
    return entries.computeIfAbsent(key, Entry::new);
  }

  /** As {@link Entry#content} of a key; null also if it was not admitted. */
  byte @Nullable [] content(String key) {
    Entry entry = entries.get(key);
    return entry == null ? null : entry.content;
  }

  /** Takes what was noted with samples that were collected. */
  void add(Entry entry, byte[] content) {
    byte[] before = entry.content;
    long bytes = bytes(entry.key, content);
    long bytesBefore = before == null ? 0 : bytes(entry.key, before);
    allBytes.addAndGet(bytes - bytesBefore);
    freshBytes += bytes;
    entry.content = content;
    if (entry.isFresh) {
      freshBytes -= bytesBefore;
    } else {
      entry.isFresh = true;
      fresh.add(entry);
    }
  }

  /** Forgets what is new: nobody goes on from there. */
  void drop() {
    fresh.forEach(entry -> entry.isFresh = false);
    fresh.clear();
    freshBytes = 0;
  }

  /** What is new since the last call, to be written; null if nothing is. */
  @Nullable NotePage cut() {
    if (fresh.isEmpty()) {
      return null;
    }
    long all = allBytes.get();
    boolean whole =
        pages >= MAX_PAGES || pageBytes + freshBytes > Math.max(LITTLE_BYTES, REWRITE_AT * all);
    NotePage.Builder page = new NotePage.Builder(Math.toIntExact(1 + (whole ? all : freshBytes)));
    for (Entry entry : whole ? entries.values() : fresh) {
      byte[] content = entry.content;
      if (content != null) {
        page.add(entry.key, content);
      }
    }
    pageBytes = whole ? all : pageBytes + freshBytes;
    pages = whole ? 0 : pages + 1;
    drop();
    return page.build(whole);
  }

  private static long bytes(String key, byte[] content) {
    return NotePage.noteBytes(key.length(), content.length);
  }
}
