package io.canaryjudge.analysis.cases;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.MetricKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/**
 * A recorded stream of two arms with known truth: see README.md beside the files.
 *
 * @param name name of the case
 * @param windowMillis length of its windows: 5 s, or its own 60 s where the data are coarser
 * @param windows its windows from the start, none left out; metric {@link #ERRORS} and metric
 *     {@link #LATENCY}, in seconds
 */
public record RecordedCase(String name, long windowMillis, List<WindowAggregate> windows) {
  /** Index of the proportion of failed requests. */
  public static final int ERRORS = 0;

  /** Index of the latency of all requests, failed ones included. */
  public static final int LATENCY = 1;

  /** Names of all cases, in order. */
  public static final List<String> NAMES =
      List.of(
          "01_aa_boutique_50",
          "03_aa_shared_incident",
          "06_ab_errors_4pct",
          "10_ab_canary10pct_catalog_slow",
          "13_canary_vanishes",
          "15_aa_trainticket_lowtraffic",
          "20_ab_petshop_search_delay",
          "24_aa_longrun_24h");

  /** One row: an instance over an interval. */
  private record Row(
      long second,
      Arm arm,
      String instance,
      long requests,
      long errors,
      boolean histogram,
      String latency) {}

  /** Reads a case. */
  public static RecordedCase read(String name) {
    List<Row> rows = rows(name);
    boolean minutes = rows.stream().allMatch(row -> row.second % 60 == 0);
    long windowSeconds = minutes ? 60 : 5;
    List<WindowAggregate> windows = new ArrayList<>();
    for (Row row : rows) {
      int window = (int) (row.second / windowSeconds);
      while (windows.size() <= window) {
        windows.add(new WindowAggregate());
      }
      add(row, windows.get(window));
    }
    return new RecordedCase(name, windowSeconds * 1000, windows);
  }

  /** Length of the whole recording. */
  public long lengthMillis() {
    return windows.size() * windowMillis;
  }

  private static void add(Row row, WindowAggregate window) {
    ((ProportionAggregate) window.at(ERRORS, row.arm, row.instance, MetricKind.PROPORTION))
        .add(row.requests, row.errors);
    DistributionAggregate latency =
        (DistributionAggregate) window.at(LATENCY, row.arm, row.instance, MetricKind.DISTRIBUTION);
    if (row.histogram) {
      addBuckets(row.latency, latency);
    } else {
      for (String sample : row.latency.split(";")) {
        String millis = sample.endsWith("e") ? sample.substring(0, sample.length() - 1) : sample;
        latency.addValue(Double.parseDouble(millis) / 1000, 1);
      }
    }
  }

  private static void addBuckets(String text, DistributionAggregate latency) {
    String[] buckets = text.split("\\|");
    double[] bounds = new double[buckets.length - 1];
    long[] counts = new long[buckets.length];
    for (int i = 0; i < buckets.length; i++) {
      String[] bucket = buckets[i].split(":");
      if (i < bounds.length) {
        bounds[i] = Double.parseDouble(bucket[0]) / 1000;
      }
      counts[i] = Long.parseLong(bucket[1]);
    }
    latency.addExplicit(bounds, counts);
  }

  private static List<Row> rows(String name) {
    try (InputStream file =
            Objects.requireNonNull(RecordedCase.class.getResourceAsStream(name + ".csv.gz"), name);
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(file), StandardCharsets.UTF_8))) {
      List<Row> rows = new ArrayList<>();
      lines.readLine(); // t_seconds,arm,instance,requests,errors,latency_kind,latency
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.split(",");
        rows.add(
            new Row(
                (long) Double.parseDouble(fields[0]),
                fields[1].equals("canary") ? Arm.CANARY : Arm.BASELINE,
                fields[2],
                Long.parseLong(fields[3]),
                Long.parseLong(fields[4]),
                fields[5].equals("hist"),
                fields[6]));
      }
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }
}
