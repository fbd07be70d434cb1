package io.canaryjudge.client;

import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What all series of one producer share: the clock, the intervals, the bounds and the counters. */
final class Recording {

  private final InstantSource clock;
  private final int maxIntervals;
  private final WhenFull whenFull;
  private final LongAdder recorded = new LongAdder();
  private final Map<UnsentReason, LongAdder> unsent = new EnumMap<>(UnsentReason.class);
  private volatile Slicing slicing;

  Recording(InstantSource clock, int maxIntervals, WhenFull whenFull, Slicing slicing) {
    this.clock = clock;
    this.maxIntervals = maxIntervals;
    this.whenFull = whenFull;
    this.slicing = slicing;
    Arrays.stream(UnsentReason.values()).forEach(reason -> unsent.put(reason, new LongAdder()));
  }

  InstantSource clock() {
    return clock;
  }

  int maxIntervals() {
    return maxIntervals;
  }

  WhenFull whenFull() {
    return whenFull;
  }

  Slicing slicing() {
    return slicing;
  }

  void slice(Slicing slicing) {
    this.slicing = slicing;
  }

  LongAdder recorded() {
    return recorded;
  }

  void countUnsent(UnsentReason reason, long observations) {
    LongAdder counter = unsent.get(reason);
    if (counter != null) {
      counter.add(observations);
    }
  }

  /** Unsent observations by reason; only those that occurred. */
  Map<UnsentReason, Long> unsent() {
    Map<UnsentReason, Long> counts = new EnumMap<>(UnsentReason.class);
    unsent.forEach(
        (reason, counter) -> {
          if (counter.sum() > 0) {
            counts.put(reason, counter.sum());
          }
        });
    return counts;
  }
}
