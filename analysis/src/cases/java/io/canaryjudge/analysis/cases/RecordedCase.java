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
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/**
 * A recorded stream of two arms with known truth: see README.md beside the files.
 *
 * @param name name of the case
 * @param windowMillis length of its windows: 5 s, or its own 60 s where the data are coarser
 * @param rows what was recorded, in order of time
 * @param windows the same as windows from the start, none left out; metric {@link #ERRORS} and
 *     metric {@link #LATENCY}
 */
public record RecordedCase(
    String name, long windowMillis, List<Row> rows, List<WindowAggregate> windows) {
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

  /**
   * One row: an instance over an interval.
   *
   * @param second start of the interval
   * @param arm the arm
   * @param instance the instance
   * @param requests requests in the interval
   * @param errors how many of them failed
   * @param latency how long they took
   */
  public record Row(
      long second, Arm arm, String instance, long requests, long errors, Latency latency) {}

  /** How long requests took. */
  public sealed interface Latency {

    /**
     * Each request.
     *
     * @param seconds in no order
     */
    record Values(List<Double> seconds) implements Latency {}

    /**
     * A histogram.
     *
     * @param upperBounds in seconds, rising; the last bucket, up to infinity, is implied
     * @param counts for each bucket: one more than there are bounds
     */
    record Buckets(List<Double> upperBounds, List<Long> counts) implements Latency {}
  }

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
    return new RecordedCase(name, windowSeconds * 1000, rows, windows);
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
    switch (row.latency) {
      case Latency.Values(List<Double> seconds) ->
          seconds.forEach(value -> latency.addValue(value, 1));
      case Latency.Buckets(List<Double> bounds, List<Long> counts) ->
          latency.addExplicit(
              bounds.stream().mapToDouble(Double::doubleValue).toArray(),
              counts.stream().mapToLong(Long::longValue).toArray());
    }
  }

  private static Latency values(String text) {
    return new Latency.Values(
        Arrays.stream(text.split(";"))
            .map(sample -> sample.endsWith("e") ? sample.substring(0, sample.length() - 1) : sample)
            .map(millis -> Double.parseDouble(millis) / 1000)
            .toList());
  }

  private static Latency buckets(String text) {
    List<Double> bounds = new ArrayList<>();
    List<Long> counts = new ArrayList<>();
    for (String bucket : text.split("\\|")) {
      String[] parts = bucket.split(":");
      if (!parts[0].equals("+Inf")) {
        bounds.add(Double.parseDouble(parts[0]) / 1000);
      }
      counts.add(Long.parseLong(parts[1]));
    }
    return new Latency.Buckets(List.copyOf(bounds), List.copyOf(counts));
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
                fields[5].equals("hist") ? buckets(fields[6]) : values(fields[6])));
      }
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }
}
