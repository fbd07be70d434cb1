package io.canaryjudge.server.telemetry;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;

/** Gauges of one scrape, in the order in which their families were opened. */
final class GaugeBook {

  private final List<Family> families = new ArrayList<>();

  /** Gauges of one name. */
  static final class Family {
    private final GaugeSnapshot.Builder builder;
    private final String[] labelNames;
    private boolean empty = true;

    private Family(String name, String help, String... labelNames) {
      this.builder = GaugeSnapshot.builder().name("canary_judge_" + name).help(help);
      this.labelNames = labelNames;
    }

    /** Adds a value; one that is NaN is unknown and left out. */
    void add(double value, String... labelValues) {
      if (Double.isNaN(value)) {
        return;
      }
      empty = false;
      builder.dataPoint(
          GaugeSnapshot.GaugeDataPointSnapshot.builder()
              .value(value)
              .labels(Labels.of(labelNames, labelValues))
              .build());
    }
  }

  /** Opens a family. */
  Family family(String name, String help, String... labelNames) {
    Family family = new Family(name, help, labelNames);
    families.add(family);
    return family;
  }

  /** Everything that was added. */
  MetricSnapshots snapshots() {
    MetricSnapshots.Builder snapshots = MetricSnapshots.builder();
    for (Family family : families) {
      if (!family.empty) {
        snapshots.metricSnapshot(family.builder.build());
      }
    }
    return snapshots.build();
  }
}
