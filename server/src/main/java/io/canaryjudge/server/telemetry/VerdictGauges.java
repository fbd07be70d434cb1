package io.canaryjudge.server.telemetry;

import io.canaryjudge.server.run.RunSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Label;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The gauges of runs, as {@code /metrics} has them, of any runs at any of their verdicts. */
public final class VerdictGauges {

  /** Label under which a gauge has its name. */
  public static final String NAME = "__name__";

  /**
   * A gauge.
   *
   * @param labels by name, with that of the gauge under {@link #NAME}
   * @param value never NaN
   */
  public record Gauge(SortedMap<String, String> labels, double value) {}

  private VerdictGauges() {}

  /** All gauges of a run at one of its verdicts, those of one name beside each other. */
  public static List<Gauge> of(RunSnapshot run) {
    GaugeBook book = new GaugeBook();
    new RunFamilies(book).add(run);
    List<Gauge> all = new ArrayList<>();
    for (MetricSnapshot family : book.snapshots()) {
      for (GaugeSnapshot.GaugeDataPointSnapshot point : ((GaugeSnapshot) family).getDataPoints()) {
        SortedMap<String, String> labels = new TreeMap<>();
        labels.put(NAME, family.getMetadata().getPrometheusName());
        for (Label label : point.getLabels()) {
          labels.put(label.getName(), label.getValue());
        }
        all.add(new Gauge(labels, point.getValue()));
      }
    }
    return all;
  }
}
