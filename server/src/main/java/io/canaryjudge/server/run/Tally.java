package io.canaryjudge.server.run;

import java.util.EnumMap;

/** What became of samples that were not told to the {@link SampleAccounting} yet. */
final class Tally {

  private long received;
  private long accepted;
  private final EnumMap<Refusal, Long> refused = new EnumMap<>(Refusal.class);

  /** Counts the samples of a batch that was read. */
  void received(long samples) {
    received += samples;
  }

  void accepted(long samples) {
    accepted += samples;
  }

  void refused(Refusal reason, long samples) {
    refused.merge(reason, samples, Long::sum);
  }

  /** Counts accepted samples as refused after all. */
  void withdraw(Refusal reason, long samples) {
    accepted -= samples;
    refused(reason, samples);
  }

  /** Counts everything that was accepted as refused after all. */
  void withdrawAll(Refusal reason) {
    withdraw(reason, accepted);
  }

  void add(Tally other) {
    received += other.received;
    accepted += other.accepted;
    other.refused.forEach(this::refused);
  }

  /** Tells everything that was counted, once. */
  void tell(SampleAccounting accounting, Door door) {
    if (received == 0) {
      return;
    }
    accounting.received(door, received);
    if (accepted > 0) {
      accounting.accepted(door, accepted);
    }
    refused.forEach(
        (reason, samples) -> {
          if (reason == Refusal.LATE) {
            accounting.late(door, samples);
          } else {
            accounting.rejected(door, reason, samples);
          }
        });
  }
}
