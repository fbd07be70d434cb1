package io.canaryjudge.server.ingest.series;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.server.store.ArmSelection;
import io.canaryjudge.server.store.RunRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which arm of one run a series belongs to, and which instance. */
final class ArmMatcher {

  /** What a series is to a run. */
  enum Side {
    BASELINE,
    CANARY,
    NEITHER,

    /** The selectors of the arms do not tell it apart. */
    BOTH
  }

  /** A label with a value that every series of a run has: by these, runs are found for a point. */
  record Key(String label, String value) {}

  /** Where a service's name stands, in the conventions that are in use. */
  static final List<String> SERVICE_LABELS =
      List.of(
          "service_name",
          "service",
          "app",
          "job",
          "app_kubernetes_io_name",
          "destination_canonical_service",
          "destination_workload",
          "destination_service_name",
          "deployment",
          "envoy_cluster_name");

  /** Where its version stands. */
  private static final List<String> VERSION_LABELS =
      List.of(
          "service_version",
          "version",
          "app_kubernetes_io_version",
          "app_version",
          "destination_canonical_revision",
          "destination_version");

  /** Where the name of a process stands. */
  private static final List<String> INSTANCE_LABELS =
      List.of(
          "service_instance_id",
          "k8s_pod_name",
          "pod",
          "pod_name",
          "kubernetes_pod_name",
          "instance",
          "host_name",
          "hostname");

  private static final String NO_INSTANCE = "unnamed";
  private static final int MAX_INSTANCE_LENGTH = 200;

  private final String service;
  private final ArmSelection selection;
  private final List<String> armLabels;
  private final List<String> instanceLabels;
  private final LabelMatcher baselineValue;
  private final LabelMatcher canaryValue;

  ArmMatcher(RunRecord run) {
    this(run.service(), run.baselineVersion(), run.canaryVersion(), run.arms());
  }

  ArmMatcher(String service, String baselineVersion, String canaryVersion, ArmSelection selection) {
    this.service = service;
    this.selection = selection;
    this.armLabels = orDefault(selection.label(), VERSION_LABELS);
    this.instanceLabels = orDefault(selection.instanceLabel(), INSTANCE_LABELS);
    this.baselineValue = value(selection.baselineValue(), baselineVersion);
    this.canaryValue = value(selection.canaryValue(), canaryVersion);
  }

  private static List<String> orDefault(String label, List<String> usual) {
    return label.isEmpty() ? usual : List.of(LabelNames.normal(label));
  }

  private static LabelMatcher value(String chosen, String version) {
    return new LabelMatcher("", List.of(chosen.isEmpty() ? version : chosen));
  }

  /**
   * Labels of which every series of the run has at least one; empty if none is certain, so that
   * each point has to be compared.
   */
  List<Key> keys() {
    List<Key> keys = new ArrayList<>();
    if (selection.scope().isEmpty()) {
      SERVICE_LABELS.forEach(label -> keys.add(new Key(label, service)));
      return keys;
    }
    for (LabelMatcher matcher : selection.scope()) {
      boolean exact =
          !matcher.values().isEmpty()
              && matcher.values().stream()
                  .noneMatch(value -> value.isEmpty() || value.endsWith("*"));
      if (exact) {
        String label = LabelNames.normal(matcher.label());
        matcher.values().forEach(value -> keys.add(new Key(label, value)));
        return keys;
      }
    }
    return keys;
  }

  /** What a series is to the run. */
  Side side(Labels labels) {
    if (!inScope(labels)) {
      return Side.NEITHER;
    }
    if (!selection.baseline().isEmpty() || !selection.canary().isEmpty()) {
      return side(
          Matching.all(selection.baseline(), labels), Matching.all(selection.canary(), labels));
    }
    String value = first(armLabels, labels);
    return value == null
        ? Side.NEITHER
        : side(baselineValue.accepts(value), canaryValue.accepts(value));
  }

  private static Side side(boolean baseline, boolean canary) {
    if (baseline) {
      return canary ? Side.BOTH : Side.BASELINE;
    }
    return canary ? Side.CANARY : Side.NEITHER;
  }

  private boolean inScope(Labels labels) {
    if (!selection.scope().isEmpty()) {
      return Matching.all(selection.scope(), labels);
    }
    for (String label : SERVICE_LABELS) {
      String value = labels.get(label);
      if (value != null && serviceOf(label, value).equals(service)) {
        return true;
      }
    }
    return false;
  }

  /** OpenTelemetry's namespace and name of a service make a job {@code namespace/name}. */
  static String serviceOf(String label, String value) {
    return label.equals("job") ? value.substring(value.lastIndexOf('/') + 1) : value;
  }

  /** The instance: the same for all series of one process. */
  String instance(Labels labels) {
    String name = first(instanceLabels, labels);
    if (name == null) {
      return NO_INSTANCE;
    }
    return name.length() <= MAX_INSTANCE_LENGTH ? name : name.substring(0, MAX_INSTANCE_LENGTH);
  }

  private static @Nullable String first(List<String> keys, Labels labels) {
    for (String key : keys) {
      String value = labels.get(key);
      if (value != null) {
        return value;
      }
    }
    return null;
  }
}
