package io.canaryjudge.server.ingest.series;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What was made of a list of texts before. Most series come again and again, and to compare is
 * cheaper than to make anew.
 *
 * <p>Bounded, in number and in memory: one may take the place of another, which then is made again
 * when it comes. What comes for the first time is not kept: of more series than there is room for,
 * each would only drive out the next, at a greater cost than making it. Used by any thread.
 *
 * @param <V> what is made of texts; immutable
 */
public final class Memo<V> {

  /** A power of two. */
  private static final int SLOTS = 1 << 15;

  /** About as many bytes of texts and what holds them; beyond it everything is forgotten. */
  private static final long MAX_WEIGHT = 64L << 20;

  private static final int OWN_WEIGHT = 40;

  private final AtomicReferenceArray<@Nullable Entry<V>> entries =
      new AtomicReferenceArray<>(SLOTS);
  private final AtomicLong weight = new AtomicLong();

  /** Of the entries; one that is not seen yet by another thread is made once more. */
  private final AtomicIntegerArray hashes = new AtomicIntegerArray(SLOTS);

  /** By slot, the hash of the texts that came last and were not known. */
  private final AtomicIntegerArray unknown = new AtomicIntegerArray(SLOTS);

  @SuppressWarnings("ArrayRecordComponent") // its own, and never given out
  private record Entry<V>(int hash, Object base, String[] texts, int weight, V value) {}

  /** The texts of one question after the other. Used by one thread. */
  public static final class Key {

    private Object base = "";
    private String[] texts = new String[32];
    private int size;
    private int hash;
    private int weight;

    /**
     * Begins a question.
     *
     * @param on what the texts come on top of; compared by {@code equals}, and kept as long as what
     *     was made of it. It is not weighed: it should be small, or be that of many
     */
    public void begin(Object on) {
      base = on;
      size = 0;
      hash = on.hashCode();
      weight = OWN_WEIGHT;
    }

    /** Adds a text; their order matters. */
    public void add(String text) {
      if (size == texts.length) {
        texts = Arrays.copyOf(texts, 2 * size);
      }
      texts[size++] = text;
      hash = 31 * hash + text.hashCode();
      weight += OWN_WEIGHT + text.length();
    }

    /** About how many bytes its texts need. */
    public int weight() {
      return weight;
    }

    private int slot() {
      int mixed = hash * 0x9e3779b9;
      return (mixed ^ (mixed >>> 16)) & (SLOTS - 1);
    }

    private boolean isOf(@Nullable Entry<?> entry) {
      return entry != null
          && entry.hash == hash
          && entry.texts.length == size
          && entry.base.equals(base)
          && Arrays.equals(entry.texts, 0, size, texts, 0, size);
    }
  }

  /** What was made of these texts; null if that is not known any more. */
  public @Nullable V find(Key key) {
    int slot = key.slot();
    if (hashes.getPlain(slot) != key.hash && hashes.getPlain(slot ^ 1) != key.hash) {
      return null; // without a look at what is far apart in memory
    }
    Entry<V> entry = entries.get(slot);
    if (!key.isOf(entry)) {
      entry = entries.get(slot ^ 1);
      if (!key.isOf(entry)) {
        return null;
      }
    }
    return entry == null ? null : entry.value;
  }

  /** Keeps what was made of these texts, if they were not known before either. */
  public void put(Key key, V value) {
    int slot = key.slot();
    if (unknown.getPlain(slot) != key.hash) {
      unknown.setPlain(slot, key.hash);
      return;
    }
    if (entries.get(slot) != null && entries.get(slot ^ 1) == null) {
      slot ^= 1;
    }
    String[] texts = new String[key.size];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = key.texts[i].intern(); // few are different: compared with what is in the cache
    }
    Entry<V> entry = new Entry<>(key.hash, key.base, texts, key.weight, value);
    Entry<V> before = entries.getAndSet(slot, entry);
    hashes.setPlain(slot, key.hash);
    long more = (long) entry.weight - (before == null ? 0 : before.weight);
    if (weight.addAndGet(more) > MAX_WEIGHT) {
      forget();
    }
  }

  private void forget() {
    for (int slot = 0; slot < SLOTS; slot++) {
      Entry<V> dropped = entries.getAndSet(slot, null);
      if (dropped != null) {
        weight.addAndGet(-dropped.weight);
      }
    }
  }
}
