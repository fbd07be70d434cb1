package io.canaryjudge.bench;

import io.canaryjudge.remotewrite.v1.Label;
import io.canaryjudge.remotewrite.v1.TimeSeries;
import io.canaryjudge.remotewrite.v1.WriteRequest;
import io.canaryjudge.remotewrite.v2.Request;
import io.canaryjudge.server.ingest.remotewrite.RemoteWrite;
import io.canaryjudge.server.ingest.remotewrite.WriteMessage;
import io.canaryjudge.server.ingest.series.SeriesAnswer;
import io.canaryjudge.server.ingest.series.SeriesIntake;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.xerial.snappy.Snappy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What a point of a remote write request costs before it is handed on: unpacking, and finding out
 * that nobody wants it, or reading it. One thread, its own CPU time, so that what else the machine
 * does matters little. 100,000 series, in requests as Prometheus sends them.
 */
@Command(
    name = "remote-write",
    description = "CPU time of a point of remote write.",
    mixinStandardHelpOptions = true)
final class RemoteWriteBench implements Callable<Integer> {

  private static final int SERIES = 100_000;
  private static final int NAMES = 500;
  private static final long TIME_MILLIS = 1_700_000_000_000L;
  private static final int LIMIT_BYTES = 4 << 20;

  @Option(
      names = "--points",
      defaultValue = "2000",
      description = "Points of a request, one of each series. Default: ${DEFAULT-VALUE}.")
  private int points;

  @Option(
      names = "--seconds",
      defaultValue = "5",
      description = "CPU time of each figure. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  /** Wants all series, or none, and takes what it is given. */
  private record Nowhere(boolean wants) implements SeriesIntake {

    @Override
    public boolean wants(String name) {
      return wants;
    }

    @Override
    public CompletableFuture<SeriesAnswer> take(SeriesRequest request) {
      return CompletableFuture.completedFuture(
          new SeriesAnswer(
              request.points().size() + request.unwanted(), request.rejections(), List.of()));
    }
  }

  @Override
  public Integer call() throws IOException {
    System.out.printf(
        "%nRemote write: %,d series, %,d points in a request%n"
            + " message            | points/CPU s  us/point | bytes/point packed, plain%n",
        SERIES, points);
    for (WriteMessage message : WriteMessage.values()) {
      List<byte[]> bodies = bodies(message);
      for (boolean wanted : new boolean[] {false, true}) {
        measure(message, wanted, bodies);
      }
    }
    return 0;
  }

  private void measure(WriteMessage message, boolean wanted, List<byte[]> bodies)
      throws IOException {
    RemoteWrite door = new RemoteWrite(new Nowhere(wanted), LIMIT_BYTES);
    spend(door, message, bodies, seconds / 2.0); // until it is compiled
    double perPoint = spend(door, message, bodies, seconds);
    long packed = 0;
    long plain = 0;
    for (byte[] body : bodies) {
      packed += body.length;
      plain += Snappy.uncompressedLength(body);
    }
    System.out.printf(
        " %-3s %-14s | %,12.0f  %8.3f | %7.1f %7.1f%n",
        message,
        wanted ? "wanted" : "unwanted",
        1e9 / perPoint,
        perPoint / 1e3,
        (double) packed / SERIES,
        (double) plain / SERIES);
  }

  /** Nanoseconds of CPU for a point. */
  private double spend(
      RemoteWrite door, WriteMessage message, List<byte[]> bodies, double forSeconds) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    long taken = 0;
    while (threads.getCurrentThreadCpuTime() - start < forSeconds * 1e9) {
      for (byte[] body : bodies) {
        taken += door.take(message, body).join().samples();
      }
    }
    return (double) (threads.getCurrentThreadCpuTime() - start) / taken;
  }

  private List<byte[]> bodies(WriteMessage message) throws IOException {
    List<byte[]> bodies = new ArrayList<>();
    for (int first = 0; first < SERIES; first += points) {
      byte[] plain =
          switch (message) {
            case V1 -> version1(first);
            case V2 -> version2(first);
          };
      bodies.add(Snappy.compress(plain));
    }
    return bodies;
  }

  /** Labels as a Kubernetes cluster has them; the series of one name follow each other. */
  private static Map<String, String> labels(int series) {
    Map<String, String> labels = new LinkedHashMap<>();
    int perName = SERIES / NAMES;
    labels.put(
        "__name__", "service_operation_%03d_duration_seconds_total".formatted(series / perName));
    labels.put("code", Integer.toString(200 + series % 3 * 100));
    labels.put("instance", "10.0.%d.%d:8080".formatted(series % perName / 100, series % 100));
    labels.put("job", "checkout");
    labels.put("namespace", "shop");
    labels.put("pod", "checkout-6d5f7b9c8-%05d".formatted(series % perName));
    labels.put("version", series % 2 == 0 ? "1.4.2" : "1.5.0");
    return labels;
  }

  private byte[] version1(int first) {
    WriteRequest.Builder request = WriteRequest.newBuilder();
    for (int i = first; i < first + points; i++) {
      TimeSeries.Builder series = request.addTimeseriesBuilder();
      labels(i).forEach((k, v) -> series.addLabels(Label.newBuilder().setName(k).setValue(v)));
      series.addSamplesBuilder().setValue(1_000 + i).setTimestamp(TIME_MILLIS + i % 5_000);
    }
    return request.build().toByteArray();
  }

  private byte[] version2(int first) {
    Map<String, Integer> symbols = new LinkedHashMap<>(Map.of("", 0));
    Request.Builder request = Request.newBuilder();
    for (int i = first; i < first + points; i++) {
      io.canaryjudge.remotewrite.v2.TimeSeries.Builder series = request.addTimeseriesBuilder();
      labels(i)
          .forEach(
              (k, v) -> {
                series.addLabelsRefs(ref(symbols, k));
                series.addLabelsRefs(ref(symbols, v));
              });
      series.addSamplesBuilder().setValue(1_000 + i).setTimestamp(TIME_MILLIS + i % 5_000);
      series.getMetadataBuilder().setType(1);
    }
    return request.addAllSymbols(symbols.keySet()).build().toByteArray();
  }

  private static int ref(Map<String, Integer> symbols, String text) {
    return symbols.computeIfAbsent(text, _ -> symbols.size());
  }
}
