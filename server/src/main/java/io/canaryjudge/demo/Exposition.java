package io.canaryjudge.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Totals as Prometheus knows them: a counter by status, a classic histogram, the start. */
final class Exposition {

  private static final String HISTOGRAM = "http_request_duration_seconds";

  private Exposition() {}

  /**
   * One sample.
   *
   * @param labels without the name of the series
   */
  record Sample(String name, Map<String, String> labels, double value) {

    @Override
    public String toString() {
      return name
          + labels.entrySet().stream()
              .map(label -> label.getKey() + "=\"" + label.getValue() + '"')
              .collect(Collectors.joining(",", "{", "}"))
          + " "
          + value;
    }
  }

  /** What an instance says of itself. */
  static List<Sample> of(ServedRequests.Totals totals) {
    List<Sample> samples = new ArrayList<>();
    addRequests(samples, "200", totals.good());
    addRequests(samples, "500", totals.failed());
    long below = 0;
    for (int i = 0; i <= ServedRequests.BOUNDS.size(); i++) {
      below += totals.all(i);
      String bound =
          i < ServedRequests.BOUNDS.size() ? ServedRequests.BOUNDS.get(i).toString() : "+Inf";
      samples.add(new Sample(HISTOGRAM + "_bucket", Map.of("le", bound), below));
    }
    samples.add(new Sample(HISTOGRAM + "_sum", Map.of(), totals.seconds()));
    samples.add(new Sample(HISTOGRAM + "_count", Map.of(), below));
    samples.add(
        new Sample(
            "process_start_time_seconds",
            Map.of(),
            totals.instance().started().toEpochMilli() / 1e3));
    return samples;
  }

  /** A status that has not been seen has no series: the first failure makes one. */
  private static void addRequests(List<Sample> samples, String code, List<Long> buckets) {
    long count = ServedRequests.Totals.count(buckets);
    if (count > 0) {
      samples.add(new Sample("http_requests_total", Map.of("code", code), count));
    }
  }

  /** The labels by which a Prometheus tells the instances apart. */
  static Map<String, String> labels(CheckoutInstance instance) {
    return new TreeMap<>(
        Map.of(
            "service", CheckoutInstance.SERVICE,
            "version", instance.version(),
            "pod", instance.name()));
  }

  /** As text, in the format that Prometheus scrapes. */
  static String text(ServedRequests.Totals totals) {
    String types =
        """
        # TYPE http_requests_total counter
        # TYPE http_request_duration_seconds histogram
        # TYPE process_start_time_seconds gauge
        """;
    return of(totals).stream().map(Sample::toString).collect(Collectors.joining("\n", types, "\n"));
  }
}
