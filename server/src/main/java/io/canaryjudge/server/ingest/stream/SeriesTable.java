package io.canaryjudge.server.ingest.stream;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.proto.v1.SeriesDeclaration;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.stream.StreamSeries.Refused;
import io.canaryjudge.server.ingest.stream.StreamSeries.Usable;
import io.canaryjudge.server.run.IngestSession;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.RunSeries;
import io.canaryjudge.server.run.RunTerms;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The series that one stream has declared, by their ids 1, 2, 3, …
 *
 * <p>A declaration that makes no sense is kept too: it costs its own samples, each with the reason,
 * and not the stream.
 */
final class SeriesTable {

  private static final int MAX_INSTANCE_LENGTH = 200;
  private static final int MAX_STRATUM_LENGTH = 200;

  private final IngestSession session;
  private final List<StreamSeries> series = new ArrayList<>();
  private long declared;

  SeriesTable(IngestSession session) {
    this.session = session;
  }

  /** The series of an id; null if it was not declared, or was one too many. */
  @Nullable StreamSeries find(int id) {
    return id >= 1 && id <= series.size() ? series.get(id - 1) : null;
  }

  /** Whether an id was declared when the table was full. */
  boolean overLimit(int id) {
    return id > series.size() && id <= declared;
  }

  /**
   * Adds the declarations of a batch. A repeat of what was declared before has no effect, so that a
   * batch can be sent again as it was.
   *
   * @throws JudgeException {@code INVALID_FIELD} if an id is neither known nor the next: nothing
   *     can be said of the samples then
   */
  void declare(List<SeriesDeclaration> declarations) {
    for (int i = 0; i < declarations.size(); i++) {
      SeriesDeclaration declaration = declarations.get(i);
      int id = declaration.getSeriesId();
      StreamSeries known = find(id);
      if (known != null) {
        if (!known.declaration().equals(declaration)) {
          throw JudgeException.invalidField(
              "batch.series[" + i + "]",
              "another series with the id " + id,
              "each id once, and the next is " + (declared + 1));
        }
      } else if (id == declared + 1) {
        declared++;
        if (declared <= session.limits().maxSeriesPerStream()) {
          series.add(check(declaration));
        }
      } else if (!overLimit(id)) {
        throw JudgeException.invalidField(
            "batch.series[" + i + "].series_id",
            Integer.toUnsignedString(id),
            (declared + 1) + ", the next");
      }
    }
  }

  private StreamSeries check(SeriesDeclaration declaration) {
    RunTerms terms = session.terms();
    @Nullable Arm arm = arm(declaration);
    if (arm == null) {
      return refused(
          declaration,
          Refusal.UNKNOWN_ARM,
          "arm",
          Integer.toString(declaration.getArmValue()),
          "ARM_BASELINE (1) or ARM_CANARY (2)");
    }
    String instance = declaration.getInstance();
    if (instance.isEmpty() || instance.length() > MAX_INSTANCE_LENGTH) {
      return refused(
          declaration,
          Refusal.BAD_SERIES,
          "instance",
          instance.isEmpty() ? "empty" : instance.length() + " characters",
          "1 to " + MAX_INSTANCE_LENGTH + " characters");
    }
    String stratum = declaration.getStratum();
    if (stratum.length() > MAX_STRATUM_LENGTH) {
      return refused(
          declaration,
          Refusal.BAD_SERIES,
          "stratum",
          stratum.length() + " characters",
          "at most " + MAX_STRATUM_LENGTH + " characters");
    }
    Timestamp start = declaration.getInstanceStartTime();
    if (!Timestamps.isValid(start)) {
      return refused(
          declaration,
          Refusal.BAD_SERIES,
          "instance_start_time",
          start.getSeconds() + " s " + start.getNanos() + " ns",
          "a valid timestamp");
    }
    @Nullable Integer metric = terms.metricIndex().get(declaration.getMetric());
    if (metric == null) {
      return refused(
          declaration,
          Refusal.UNKNOWN_METRIC,
          "metric",
          declaration.getMetric(),
          terms.metrics().stream().map(MetricPolicy::name).collect(Collectors.joining(", ")));
    }
    String unit = terms.metrics().get(metric).unit();
    if (!declaration.getUnit().isEmpty() && !declaration.getUnit().equals(unit)) {
      return refused(declaration, Refusal.WRONG_UNIT, "unit", declaration.getUnit(), unit);
    }
    OptionalLong startMillis =
        declaration.hasInstanceStartTime()
            ? OptionalLong.of(Timestamps.toMillis(start))
            : OptionalLong.empty();
    @Nullable RunSeries usable = session.series(metric, arm, stratum, instance, startMillis);
    if (usable == null) {
      return refused(
          declaration,
          Refusal.LIMIT,
          "instance",
          instance,
          "at most " + session.limits().maxInstancesPerArm() + " instances in an arm");
    }
    return new Usable(declaration, usable);
  }

  private static @Nullable Arm arm(SeriesDeclaration declaration) {
    return switch (declaration.getArm()) {
      case ARM_BASELINE -> Arm.BASELINE;
      case ARM_CANARY -> Arm.CANARY;
      case ARM_UNSPECIFIED, UNRECOGNIZED -> null;
    };
  }

  private static Refused refused(
      SeriesDeclaration declaration, Refusal reason, String field, String came, String expected) {
    return new Refused(
        declaration, reason, new FieldViolation("series." + field, came, expected).toString());
  }
}
