package io.canaryjudge.server.ingest.series;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
    return other instanceof Labels labels
        && labels.hash == hash
        && Arrays.equals(labels.pairs, pairs);
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

    private final TreeMap<String, String> labels = new TreeMap<>();

    /** Adds a label; one with an empty value takes away what was added before. */
    public Builder add(String key, String value) {
      String normal = LabelNames.normal(key);
      if (value.isEmpty()) {
        labels.remove(normal);
      } else {
        labels.put(normal, value);
      }
      return this;
    }

    /** Adds all of {@code more}. */
    public Builder addAll(Labels more) {
      for (int i = 0; i < more.size(); i++) {
        labels.put(more.key(i), more.value(i));
      }
      return this;
    }

    /** The labels collected so far. */
    public Labels build() {
      if (labels.isEmpty()) {
        return NONE;
      }
      String[] pairs = new String[2 * labels.size()];
      int place = 0;
      for (Map.Entry<String, String> label : labels.entrySet()) {
        pairs[place++] = label.getKey();
        pairs[place++] = label.getValue();
      }
      return new Labels(pairs, Arrays.hashCode(pairs));
    }
  }
}
