package io.canaryjudge.bench;

import io.canaryjudge.remotewrite.v1.Label;
import io.canaryjudge.remotewrite.v1.WriteRequest;
import io.canaryjudge.remotewrite.v2.Metadata;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Write requests as Prometheus makes them: one point of each series, no start times. */
final class WriteRequests {

  private static final int TYPE_COUNTER = 1;
  private static final int TYPE_HISTOGRAM = 3;

  /** Of a native histogram: around 70 ms, neighbouring buckets are 9 % apart. */
  private static final int SCHEMA = 3;

  private static final int FIRST_BUCKET = -36;
  private static final int BUCKETS = 12;

  private WriteRequests() {}

  /**
   * A request.
   *
   * @param names of the series: those of a process are spread over them
   * @param histograms whether they are native histograms; else counters
   * @param round what was counted is so many times what one round counts
   */
  static byte[] of(
      Wire wire, List<List<Series>> processes, List<String> names, boolean histograms, int round) {
    Writer writer = wire == Wire.WRITE_1 ? new Version1() : new Version2();
    for (List<Series> process : processes) {
      for (int i = 0; i < process.size(); i++) {
        Series series = process.get(i);
        Map<String, String> labels = series.labels(names.get(i * names.size() / process.size()));
        if (histograms) {
          writer.histogram(labels, series.perRound() * round);
        } else {
          writer.sample(labels, (double) series.perRound() * round);
        }
      }
    }
    return writer.bytes();
  }

  /** Takes series of one point. */
  private interface Writer {
    void sample(Map<String, String> labels, double value);

    void histogram(Map<String, String> labels, long count);

    byte[] bytes();
  }

  /** Evenly spread; the first bucket has what is left over. */
  private static long inBucket(long count, int bucket) {
    long each = count / BUCKETS;
    return bucket == 0 ? count - each * (BUCKETS - 1) : each;
  }

  /** Buckets are written as the difference to the one before. */
  private static long delta(long count, int bucket) {
    return inBucket(count, bucket) - (bucket == 0 ? 0 : inBucket(count, bucket - 1));
  }

  private static final class Version1 implements Writer {

    private final WriteRequest.Builder request = WriteRequest.newBuilder();

    private io.canaryjudge.remotewrite.v1.TimeSeries.Builder series(Map<String, String> labels) {
      var series = request.addTimeseriesBuilder();
      labels.forEach((k, v) -> series.addLabels(Label.newBuilder().setName(k).setValue(v)));
      return series;
    }

    @Override
    public void sample(Map<String, String> labels, double value) {
      series(labels).addSamplesBuilder().setTimestamp(Request.TIME_MILLIS).setValue(value);
    }

    @Override
    public void histogram(Map<String, String> labels, long count) {
      var histogram =
          series(labels)
              .addHistogramsBuilder()
              .setTimestamp(Request.TIME_MILLIS)
              .setSchema(SCHEMA)
              .setSum(0.07 * count)
              .setZeroThreshold(0x1p-128)
              .setCountInt(count);
      histogram.addPositiveSpansBuilder().setOffset(FIRST_BUCKET).setLength(BUCKETS);
      for (int i = 0; i < BUCKETS; i++) {
        histogram.addPositiveDeltas(delta(count, i));
      }
    }

    @Override
    public byte[] bytes() {
      return request.build().toByteArray();
    }
  }

  private static final class Version2 implements Writer {

    private final io.canaryjudge.remotewrite.v2.Request.Builder request =
        io.canaryjudge.remotewrite.v2.Request.newBuilder();
    private final Map<String, Integer> symbols = new LinkedHashMap<>(Map.of("", 0));

    private io.canaryjudge.remotewrite.v2.TimeSeries.Builder series(
        Map<String, String> labels, int type) {
      var series = request.addTimeseriesBuilder().setMetadata(Metadata.newBuilder().setType(type));
      labels.forEach((k, v) -> series.addLabelsRefs(ref(k)).addLabelsRefs(ref(v)));
      return series;
    }

    private int ref(String text) {
      return symbols.computeIfAbsent(text, _ -> symbols.size());
    }

    @Override
    public void sample(Map<String, String> labels, double value) {
      series(labels, TYPE_COUNTER)
          .addSamplesBuilder()
          .setTimestamp(Request.TIME_MILLIS)
          .setValue(value);
    }

    @Override
    public void histogram(Map<String, String> labels, long count) {
      var histogram =
          series(labels, TYPE_HISTOGRAM)
              .addHistogramsBuilder()
              .setTimestamp(Request.TIME_MILLIS)
              .setSchema(SCHEMA)
              .setSum(0.07 * count)
              .setZeroThreshold(0x1p-128)
              .setCountInt(count);
      histogram.addPositiveSpansBuilder().setOffset(FIRST_BUCKET).setLength(BUCKETS);
      for (int i = 0; i < BUCKETS; i++) {
        histogram.addPositiveDeltas(delta(count, i));
      }
    }

    @Override
    public byte[] bytes() {
      return request.addAllSymbols(symbols.keySet()).build().toByteArray();
    }
  }
}
