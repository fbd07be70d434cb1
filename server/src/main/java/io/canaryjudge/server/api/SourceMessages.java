package io.canaryjudge.server.api;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.proto.v1.CheckMetricSourcesRequest;
import io.canaryjudge.proto.v1.CheckMetricSourcesResponse;
import io.canaryjudge.proto.v1.MetricSources;
import io.canaryjudge.proto.v1.SourceSeries;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.series.SourceSurvey;
import io.canaryjudge.server.run.CreateRun;
import io.canaryjudge.server.run.CreateRunChecks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;

/** What a check of sources is asked, and what it found, as messages. */
final class SourceMessages {

  private static final Duration RANGE = Duration.ofMinutes(5);
  private static final Duration MOST_RANGE = Duration.ofMinutes(15);
  private static final String OF_RUN = "analysis_run.";

  private SourceMessages() {}

  /** How far to look back. */
  static Duration range(CheckMetricSourcesRequest request) {
    if (!request.hasRange()) {
      return RANGE;
    }
    long millis =
        Durations.isValid(request.getRange()) ? Durations.toMillis(request.getRange()) : 0;
    if (millis < 1 || millis > MOST_RANGE.toMillis()) {
      throw JudgeException.invalidField(
          "range", request.getRange().getSeconds() + " s", "above 0 and at most 900 s");
    }
    return Duration.ofMillis(millis);
  }

  /**
   * Checks what it shares with the request for a run.
   *
   * @throws JudgeException {@code INVALID_FIELD} with every violation
   */
  static void check(CheckMetricSourcesRequest request) {
    CreateRun run =
        new CreateRun(
            UUID.randomUUID().toString(),
            request.getService(),
            request.getBaselineVersion(),
            request.getCanaryVersion(),
            true,
            ArmMessages.fromProto(request.getArms()),
            "any",
            OptionalLong.empty(),
            "{}",
            new TreeMap<>(),
            "",
            Optional.empty(),
            "",
            "");
    List<FieldViolation> violations =
        CreateRunChecks.violations(run).stream()
            .map(
                each ->
                    new FieldViolation(
                        each.field().replace(OF_RUN, ""), each.came(), each.expected()))
            .toList();
    if (!violations.isEmpty()) {
      throw JudgeException.invalid(ErrorReason.INVALID_FIELD, violations);
    }
  }

  static CheckMetricSourcesResponse response(SourceSurvey.Result result) {
    CheckMetricSourcesResponse.Builder message = CheckMetricSourcesResponse.newBuilder();
    message.addAllProblems(result.problems());
    for (SourceSurvey.Metric metric : result.metrics()) {
      MetricSources.Builder sources = message.addMetricsBuilder().setMetric(metric.name());
      sources.addAllProblems(metric.problems());
      metric.series().forEach(series -> sources.addSeries(series(series)));
    }
    return message.build();
  }

  private static SourceSeries series(SourceSurvey.Series series) {
    return SourceSeries.newBuilder()
        .setName(series.name())
        .setKind(
            switch (series.form()) {
              case COUNTER -> SourceSeries.Kind.KIND_COUNTER;
              case GAUGE -> SourceSeries.Kind.KIND_GAUGE;
              case HISTOGRAM -> SourceSeries.Kind.KIND_HISTOGRAM;
            })
        .setCanary(series.arm() == Arm.CANARY)
        .setSeriesCount(series.seriesCount())
        .setInstanceCount(series.instanceCount())
        .addAllInstances(series.instances())
        .setUnit(series.unit())
        .addAllUpperBounds(series.upperBounds())
        .addAllUnresolvedThresholds(series.unresolved())
        .setLastValue(series.lastValue())
        .setLastTime(Timestamps.fromMillis(series.lastMillis()))
        .setIncrease(series.increase())
        .setFailureIncrease(series.failureIncrease())
        .build();
  }
}
