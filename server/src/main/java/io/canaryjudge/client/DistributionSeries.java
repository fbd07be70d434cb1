package io.canaryjudge.client;

/**
 * Records values, such as latencies in seconds or readings of a gauge, of one instance. They are
 * gathered into a histogram with a relative error of at most 0.55 %. From any thread; never blocks
 * on the network, and never throws for a bad number: that is counted as {@link
 * UnsentReason#INVALID}.
 */
public final class DistributionSeries extends Series {

  DistributionSeries(int id, Recording recording) {
    super(id, recording);
  }

  /**
   * Records a value, now.
   *
   * @param value in the metric's unit (seconds, bytes): finite, at least 0
   */
  public void record(double value) {
    recordAt(nowMillis(), value);
  }

  /** Records a value of another time than now, in epoch milliseconds. */
  public void recordAt(long timeMillis, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      countInvalid(1);
      return;
    }
    synchronized (this) {
      if (deltaAt(timeMillis, 1) instanceof Values values) {
        values.histogram.add(value);
      }
    }
  }

  @Override
  Delta begin(long timeMillis) {
    return new Values(timeMillis);
  }

  private static final class Values implements Delta {
    private final long timeMillis;
    private final ValueHistogram histogram = new ValueHistogram();

    Values(long timeMillis) {
      this.timeMillis = timeMillis;
    }

    @Override
    public long observations() {
      return histogram.count();
    }

    @Override
    public void addTo(BatchFiller batch, int seriesId) {
      histogram.writeTo(batch, seriesId, timeMillis);
    }
  }
}
