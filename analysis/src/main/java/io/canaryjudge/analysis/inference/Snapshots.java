package io.canaryjudge.analysis.inference;

import java.util.ArrayList;
import java.util.List;

/** The snapshots of one follower of {@link Epochs}, in step with those that it retains. */
final class Snapshots<T> {
  private final Epochs epochs;
  private final List<T> rows = new ArrayList<>();

  Snapshots(Epochs epochs) {
    this.epochs = epochs;
  }

  int size() {
    return rows.size();
  }

  T get(int snapshot) {
    return rows.get(snapshot);
  }

  /** Adds the snapshot for which {@link Epochs#beginWindow} asked, and drops what it dropped. */
  void add(T row) {
    boolean[] survivors = epochs.survivors();
    if (rows.size() + 1 != survivors.length) {
      throw new IllegalStateException("a snapshot out of step with the epochs");
    }
    rows.add(row);
    int kept = 0;
    for (int i = 0; i < survivors.length; i++) {
      if (survivors[i]) {
        rows.set(kept, rows.get(i));
        kept++;
      }
    }
    rows.subList(kept, rows.size()).clear();
  }

  /** Adds a snapshot that was read, as one of those that the epochs retain. */
  void restore(T row) {
    if (rows.size() >= epochs.size()) {
      throw new IllegalStateException("more snapshots than the epochs retain");
    }
    rows.add(row);
  }
}
