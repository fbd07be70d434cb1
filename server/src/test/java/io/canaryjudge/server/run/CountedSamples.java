package io.canaryjudge.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;

/** Counts samples, and checks at the end that none got lost. */
public final class CountedSamples implements SampleAccounting {

  private long received;
  private long accepted;
  private long repeated;
  private long late;
  private final Map<Refusal, Long> rejected = new EnumMap<>(Refusal.class);

  @Override
  public synchronized void received(Door door, long samples) {
    received += positive(samples);
  }

  @Override
  public synchronized void accepted(Door door, long samples) {
    accepted += positive(samples);
  }

  @Override
  public synchronized void repeated(Door door, long samples) {
    repeated += samples;
  }

  @Override
  public synchronized void late(Door door, long samples) {
    late += positive(samples);
  }

  @Override
  public synchronized void rejected(Door door, Refusal reason, long samples) {
    assertThat(reason).isNotEqualTo(Refusal.LATE);
    rejected.merge(reason, positive(samples), Long::sum);
  }

  private static long positive(long samples) {
    assertThat(samples).isPositive();
    return samples;
  }

  public synchronized long received() {
    return received;
  }

  public synchronized long accepted() {
    return accepted;
  }

  public synchronized long repeated() {
    return repeated;
  }

  public synchronized long late() {
    return late;
  }

  public synchronized Map<Refusal, Long> rejected() {
    return new EnumMap<>(rejected);
  }

  /**
   * received = accepted + repeated + late + rejected.
   *
   * @param sent how many samples were sent in batches that the server read
   */
  public synchronized void assertBalanced(long sent) {
    assertThat(received).as("received of those sent").isEqualTo(sent);
    assertBalanced();
  }

  /** As {@link #assertBalanced(long)}, where it is left open how many were received. */
  public synchronized void assertBalanced() {
    long sum = rejected.values().stream().mapToLong(Long::longValue).sum();
    assertThat(accepted + repeated + late + sum)
        .as("%d accepted + %d repeated + %d late + rejected %s", accepted, repeated, late, rejected)
        .isEqualTo(received);
  }
}
