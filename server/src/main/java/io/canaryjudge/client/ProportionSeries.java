package io.canaryjudge.client;

import io.canaryjudge.proto.v1.ProportionSample;

/**
 * Records trials and their failures, such as requests and failed requests, of one instance. From
 * any thread; never blocks on the network, and never throws for a bad number: that is counted as
 * {@link UnsentReason#INVALID}.
 */
public final class ProportionSeries extends Series {

  ProportionSeries(int id, Recording recording) {
    super(id, recording);
  }

  /** Records one trial, now. */
  public void record(boolean failed) {
    record(1, failed ? 1 : 0);
  }

  /**
   * Records trials, now.
   *
   * @param total trials, at least 0
   * @param failures failures among them, in [0, total]
   */
  public void record(long total, long failures) {
    recordAt(nowMillis(), total, failures);
  }

  /** Records trials of another time than now, in epoch milliseconds. */
  public void recordAt(long timeMillis, long total, long failures) {
    if (total < 0 || failures < 0 || failures > total) {
      countInvalid(Math.max(total, 1));
      return;
    }
    if (total == 0) {
      return;
    }
    synchronized (this) {
      if (deltaAt(timeMillis, total) instanceof Counts counts) {
        counts.total += total;
        counts.failures += failures;
      }
    }
  }

  @Override
  Delta begin(long timeMillis) {
    return new Counts(timeMillis);
  }

  private static final class Counts implements Delta {
    private final long timeMillis;
    private long total;
    private long failures;

    Counts(long timeMillis) {
      this.timeMillis = timeMillis;
    }

    @Override
    public long observations() {
      return total;
    }

    @Override
    public void addTo(BatchFiller batch, int seriesId) {
      batch.add(
          ProportionSample.newBuilder()
              .setSeriesId(seriesId)
              .setTimeMillis(timeMillis)
              .setTotalCount(total)
              .setFailureCount(failures)
              .build());
    }
  }
}
