package io.canaryjudge.client;

import com.google.protobuf.Timestamp;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.SeriesDeclaration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a series is of.
 *
 * @param arm baseline or canary
 * @param instance the process (pod, VM) that is observed: 1 to 200 characters
 * @param metric a metric of the run's policy
 * @param unit unit of the values in UCUM, checked against the policy's; empty means the policy's
 * @param instanceStart when the instance started, so that its warm-up is known; null means with its
 *     first sample
 * @param stratum the part of the traffic that it is of, such as a route or a zone: at most 200
 *     characters, empty for none. Without effect unless the policy splits the metric into strata
 */
public record SeriesSpec(
    Arm arm,
    String instance,
    String metric,
    String unit,
    @Nullable Instant instanceStart,
    String stratum) {

  /** Checks what can be checked without the policy. */
  public SeriesSpec {
    if (arm != Arm.ARM_BASELINE && arm != Arm.ARM_CANARY) {
      throw new IllegalArgumentException("arm: " + arm + " (expected: ARM_BASELINE or ARM_CANARY)");
    }
    if (instance.isEmpty() || instance.length() > 200) {
      throw new IllegalArgumentException(
          "instance: '%s' (expected: 1 to 200 characters)".formatted(instance));
    }
    if (metric.isEmpty()) {
      throw new IllegalArgumentException("metric: '' (expected: a metric of the policy)");
    }
    if (stratum.length() > 200) {
      throw new IllegalArgumentException(
          "stratum: %d characters (expected: at most 200)".formatted(stratum.length()));
    }
  }

  /** A series that is of no stratum. */
  public SeriesSpec(
      Arm arm, String instance, String metric, String unit, @Nullable Instant instanceStart) {
    this(arm, instance, metric, unit, instanceStart, "");
  }

  /** A series in the policy's unit, of an instance that starts with its first sample. */
  public static SeriesSpec of(Arm arm, String instance, String metric) {
    return new SeriesSpec(arm, instance, metric, "", null);
  }

  /** The same with the start of the instance. */
  public SeriesSpec startedAt(Instant start) {
    return new SeriesSpec(arm, instance, metric, unit, start, stratum);
  }

  /** The same of one part of the traffic. */
  public SeriesSpec inStratum(String otherStratum) {
    return new SeriesSpec(arm, instance, metric, unit, instanceStart, otherStratum);
  }

  SeriesDeclaration declare(int id) {
    var declaration =
        SeriesDeclaration.newBuilder()
            .setSeriesId(id)
            .setArm(arm)
            .setInstance(instance)
            .setMetric(metric)
            .setUnit(unit)
            .setStratum(stratum);
    if (instanceStart != null) {
      declaration.setInstanceStartTime(
          Timestamp.newBuilder()
              .setSeconds(instanceStart.getEpochSecond())
              .setNanos(instanceStart.getNano()));
    }
    return declaration.build();
  }
}
