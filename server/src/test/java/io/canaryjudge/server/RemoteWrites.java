package io.canaryjudge.server;

import io.canaryjudge.remotewrite.v1.Label;
import io.canaryjudge.remotewrite.v1.WriteRequest;
import io.canaryjudge.remotewrite.v2.Metadata;
import io.canaryjudge.remotewrite.v2.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a Prometheus would send of the processes of a service: a counter by code, a histogram of all
 * requests, classic or native, and the start of the process.
 */
final class RemoteWrites {

  private static final String COUNTER = "http_requests_total";
  private static final String HISTOGRAM = "http_request_duration_seconds";
  private static final int TYPE_COUNTER = 1;
  private static final int TYPE_GAUGE = 2;
  private static final int TYPE_HISTOGRAM = 3;

  private RemoteWrites() {}

  /** Takes samples and native histograms. */
  private interface Writer {
    void sample(Map<String, String> labels, int type, long startMillis, long millis, double value);

    void histogram(Map<String, String> labels, long startMillis, long millis, Latencies all);
  }

  static WriteRequest version1(String service, List<ForeignService.Scrape> scrapes) {
    Version1 writer = new Version1();
    scrapes.forEach(scrape -> write(service, scrape, writer));
    return writer.request.build();
  }

  static Request version2(String service, List<ForeignService.Scrape> scrapes) {
    Version2 writer = new Version2();
    scrapes.forEach(scrape -> write(service, scrape, writer));
    return writer.request.addAllSymbols(writer.symbols).build();
  }

  private static void write(String service, ForeignService.Scrape scrape, Writer writer) {
    long start = scrape.process().startMillis();
    long end = scrape.endMillis();
    Map<String, String> labels = new TreeMap<>();
    labels.put("service", service);
    labels.put("version", scrape.process().version());
    labels.put("instance", scrape.process().instance());
    Latencies all = new Latencies(scrape.good().bounds());
    all.add(scrape.good());
    all.add(scrape.failed());
    if (scrape.good().count() > 0) {
      writer.sample(
          with(labels, "__name__", COUNTER, "code", "200"),
          TYPE_COUNTER,
          start,
          end,
          (double) scrape.good().count());
    }
    if (scrape.failed().count() > 0) { // the first failure makes a new series
      writer.sample(
          with(labels, "__name__", COUNTER, "code", "503"),
          TYPE_COUNTER,
          start,
          end,
          (double) scrape.failed().count());
    }
    if (all.exponential()) {
      writer.histogram(with(labels, "__name__", HISTOGRAM), start, end, all);
    } else {
      buckets(labels, all, start, end, writer);
    }
    writer.sample(
        with(labels, "__name__", "process_start_time_seconds"), TYPE_GAUGE, 0, end, start / 1e3);
  }

  private static void buckets(
      Map<String, String> labels, Latencies all, long start, long end, Writer writer) {
    long below = 0;
    int place = 0;
    for (long count : all.bucketCounts()) {
      String le = place < all.bounds().size() ? all.bounds().get(place).toString() : "+Inf";
      place++;
      below += count;
      writer.sample(
          with(labels, "__name__", HISTOGRAM + "_bucket", "le", le),
          TYPE_HISTOGRAM,
          start,
          end,
          (double) below);
    }
  }

  private static Map<String, String> with(Map<String, String> labels, String... more) {
    Map<String, String> all = new TreeMap<>(labels);
    for (int i = 0; i < more.length; i += 2) {
      all.put(more[i], more[i + 1]);
    }
    return all;
  }

  /** Prometheus numbers a bucket by its upper bound, OpenTelemetry by its lower one. */
  private static int firstBucket(Latencies all) {
    return all.offset() + 1;
  }

  private static List<Long> deltas(Latencies all) {
    List<Long> deltas = new ArrayList<>();
    long before = 0;
    for (long count : all.bucketCounts()) {
      deltas.add(count - before);
      before = count;
    }
    return deltas;
  }

  private static final class Version1 implements Writer {

    private final WriteRequest.Builder request = WriteRequest.newBuilder();

    private io.canaryjudge.remotewrite.v1.TimeSeries.Builder series(Map<String, String> labels) {
      var series = request.addTimeseriesBuilder();
      labels.forEach(
          (key, value) -> series.addLabels(Label.newBuilder().setName(key).setValue(value)));
      return series;
    }

    @Override
    public void sample(
        Map<String, String> labels, int type, long startMillis, long millis, double value) {
      series(labels).addSamplesBuilder().setTimestamp(millis).setValue(value);
    }

    @Override
    public void histogram(
        Map<String, String> labels, long startMillis, long millis, Latencies all) {
      var histogram =
          series(labels)
              .addHistogramsBuilder()
              .setTimestamp(millis)
              .setSchema(Latencies.SCALE)
              .setZeroCountInt(0)
              .setCountInt(all.count())
              .addAllPositiveDeltas(deltas(all));
      histogram.addPositiveSpansBuilder().setOffset(firstBucket(all)).setLength(length(all));
    }
  }

  private static int length(Latencies all) {
    return all.bucketCounts().size();
  }

  private static final class Version2 implements Writer {

    private final Request.Builder request = Request.newBuilder();
    private final List<String> symbols = new ArrayList<>(List.of(""));

    private io.canaryjudge.remotewrite.v2.TimeSeries.Builder series(
        Map<String, String> labels, int type) {
      var series = request.addTimeseriesBuilder().setMetadata(Metadata.newBuilder().setType(type));
      labels.forEach((key, value) -> series.addLabelsRefs(ref(key)).addLabelsRefs(ref(value)));
      return series;
    }

    private int ref(String text) {
      int place = symbols.indexOf(text);
      if (place < 0) {
        place = symbols.size();
        symbols.add(text);
      }
      return place;
    }

    @Override
    public void sample(
        Map<String, String> labels, int type, long startMillis, long millis, double value) {
      series(labels, type)
          .addSamplesBuilder()
          .setTimestamp(millis)
          .setStartTimestamp(startMillis)
          .setValue(value);
    }

    @Override
    public void histogram(
        Map<String, String> labels, long startMillis, long millis, Latencies all) {
      var histogram =
          series(labels, TYPE_HISTOGRAM)
              .addHistogramsBuilder()
              .setTimestamp(millis)
              .setStartTimestamp(startMillis)
              .setSchema(Latencies.SCALE)
              .setZeroCountInt(0)
              .setCountInt(all.count())
              .addAllPositiveDeltas(deltas(all));
      histogram.addPositiveSpansBuilder().setOffset(firstBucket(all)).setLength(length(all));
    }
  }
}
