package io.canaryjudge.server.ingest.series;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What tells a series from others of the same name: keys in {@linkplain LabelNames#normal one
 * spelling}, ordered, each with a value that is not empty. An empty value is the same as none, as
 * in Prometheus. Immutable; equal when keys and values are.
 */
public final class Labels {

  /** None. */
  public static final Labels NONE = new Labels(new String[0], 0);

  private final String[] pairs; // key, value, key, value, …
  private final int hash;

  private Labels(String[] pairs, int hash) {
    this.pairs = pairs;
    this.hash = hash;
  }

  /** Labels of a map whose keys may be in any spelling. */
  public static Labels of(Map<String, String> labels) {
    Builder builder = new Builder();
    labels.forEach(builder::add);
    return builder.build();
  }

  /** How many there are. */
  public int size() {
    return pairs.length / 2;
  }

  /** The key at a place, in [0, {@link #size}). */
  public String key(int place) {
    return pairs[2 * place];
  }

  /** The value at a place, in [0, {@link #size}). */
  public String value(int place) {
    return pairs[2 * place + 1];
  }

  /** The value of a key in its one spelling; null if there is none. */
  public @Nullable String get(String key) {
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i].equals(key)) {
        return pairs[i + 1];
      }
    }
    return null;
  }

  /** These without one key. */
  public Labels without(String key) {
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i].equals(key)) {
        String[] fewer = new String[pairs.length - 2];
        System.arraycopy(pairs, 0, fewer, 0, i);
        System.arraycopy(pairs, i + 2, fewer, i, fewer.length - i);
        return new Labels(fewer, Arrays.hashCode(fewer));
      }
    }
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Labels labels
            && labels.hash == hash
            && Arrays.equals(labels.pairs, pairs));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** As Prometheus writes them: <code>{job="checkout", version="1.4"}</code>. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < pairs.length; i += 2) {
      parts.add(pairs[i] + "=\"" + pairs[i + 1] + "\"");
    }
    return "{" + String.join(", ", parts) + "}";
  }

  /** Collects labels; of several values of one key the last one counts. */
  public static final class Builder {

    // In the order of their keys. Most come in that order, and a handful at a time is added to the
    // many of a resource: a tree would cost several times as much.
    private String[] pairs = new String[16];
    private int length;

    /** Adds a label; one with an empty value takes away what was added before. */
    public Builder add(String key, String value) {
      String normal = LabelNames.normal(key);
      int place = find(normal);
      if (place >= 0) {
        if (value.isEmpty()) {
          length -= 2;
          System.arraycopy(pairs, place + 2, pairs, place, length - place);
        } else {
          pairs[place + 1] = value;
        }
      } else if (!value.isEmpty()) {
        insert(~place, normal, value);
      }
      return this;
    }

    /** Adds all of {@code more}. */
    public Builder addAll(Labels more) {
      if (length == 0) {
        length = more.pairs.length;
        pairs = Arrays.copyOf(more.pairs, length + 16);
        return this;
      }
      for (int i = 0; i < more.size(); i++) {
        add(more.key(i), more.value(i));
      }
      return this;
    }

    /** The labels collected so far. */
    public Labels build() {
      if (length == 0) {
        return NONE;
      }
      String[] collected = Arrays.copyOf(pairs, length);
      return new Labels(collected, Arrays.hashCode(collected));
    }

    /** Where a key is, or the complement of where it belongs. */
    private int find(String key) {
      int low = 0;
      int high = length / 2 - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int order = pairs[2 * middle].compareTo(key);
        if (order == 0) {
          return 2 * middle;
        }
        if (order < 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return ~(2 * low);
    }

    private void insert(int place, String key, String value) {
      if (length + 2 > pairs.length) {
        pairs = Arrays.copyOf(pairs, 2 * pairs.length);
      }
      System.arraycopy(pairs, place, pairs, place + 2, length - place);
      pairs[place] = key;
      pairs[place + 1] = value;
      length += 2;
    }
  }
}
