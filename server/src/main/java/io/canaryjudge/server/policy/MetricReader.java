package io.canaryjudge.server.policy;

import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricPolicy;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.policy.MetricSource;
import io.canaryjudge.analysis.policy.StrataPolicy;
import io.canaryjudge.analysis.policy.Threshold;
import io.canaryjudge.analysis.policy.Tolerance;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Reads one metric of a policy. */
final class MetricReader {

  private static final double DEFAULT_WEIGHT = 1;
  private static final int DEFAULT_MINIMUM_EVENTS = 5;
  private static final String ONE = "1";

  private static final List<String> CHANGE_KEYS = List.of("relative", "absolute", "floor");

  private MetricReader() {}

  static MetricPolicy metric(Fields fields) {
    String name = fields.requiredText("name");
    MetricKind kind = fields.requiredChoice("kind", MetricKind.class, MetricKind.PROPORTION);
    MetricPolicy metric =
        new MetricPolicy(
            name,
            kind,
            unit(fields, kind),
            fields.choice("harmful_direction", HarmfulDirection.class, HarmfulDirection.INCREASE),
            fields.choice("role", MetricRole.class, MetricRole.DECIDES),
            fields.number("weight", DEFAULT_WEIGHT),
            fields.flag("during_warm_up"),
            fields.wholeNumber("minimum_events", DEFAULT_MINIMUM_EVENTS),
            fields.objects("thresholds", MetricReader::threshold),
            fields.objects("sources", MetricReader::source),
            fields.object("strata").map(MetricReader::strata).orElse(null));
    // What thresholds have to be depends on these two, and what sources have to be on one.
    if (!fields.isReadable("kind") || !fields.isReadable("harmful_direction")) {
      fields.doubtful("thresholds");
    }
    if (!fields.isReadable("kind")) {
      fields.doubtful("sources");
    }
    fields.refuseUnknown();
    return metric;
  }

  /** A share has no unit; what the values of a distribution are has to be said. */
  private static String unit(Fields fields, MetricKind kind) {
    return switch (kind) {
      case PROPORTION -> fields.text("unit", ONE);
      case DISTRIBUTION -> fields.requiredText("unit");
    };
  }

  private static Threshold threshold(Fields fields) {
    OptionalDouble quantile = fields.optionalNumber("quantile");
    Tolerance noGo = fields.has("limit") ? limit(fields) : change(fields);
    Tolerance go = go(fields.object("go"), noGo);
    long sustainedMillis = fields.duration("sustained", 0);
    fields.refuseUnknown();
    return new Threshold(quantile, noGo, go, sustainedMillis);
  }

  private static Tolerance limit(Fields fields) {
    for (String key : CHANGE_KEYS) {
      if (fields.has(key)) {
        fields.refuse(key, "none beside limit: a further threshold");
      }
    }
    return new Tolerance.Limit(fields.number("limit", Double.NaN));
  }

  private static Tolerance change(Fields fields) {
    if (!fields.has("relative") && !fields.has("absolute")) {
      fields.refuseWhole("no limit", "limit, relative or absolute");
    }
    return new Tolerance.Change(
        fields.number("relative", 0), fields.number("absolute", 0), fields.number("floor", 0));
  }

  /** Each key that is set replaces that of NO_GO. */
  private static Tolerance go(Optional<Fields> there, Tolerance noGo) {
    if (there.isEmpty()) {
      return noGo;
    }
    Fields fields = there.get();
    Tolerance go =
        switch (noGo) {
          case Tolerance.Limit(double limit) -> {
            for (String key : CHANGE_KEYS) {
              if (fields.has(key)) {
                fields.refuse(key, "limit, as for NO_GO");
              }
            }
            yield new Tolerance.Limit(fields.number("limit", limit));
          }
          case Tolerance.Change(double relative, double absolute, double floor) -> {
            if (fields.has("limit")) {
              fields.refuse("limit", "relative, absolute or floor, as for NO_GO");
            }
            yield new Tolerance.Change(
                fields.number("relative", relative),
                fields.number("absolute", absolute),
                fields.number("floor", floor));
          }
        };
    fields.refuseUnknown();
    return go;
  }

  private static StrataPolicy strata(Fields fields) {
    StrataPolicy strata =
        new StrataPolicy(
            fields.text("label", ""), fields.wholeNumber("limit", StrataPolicy.DEFAULT_LIMIT));
    fields.refuseUnknown();
    return strata;
  }

  private static MetricSource source(Fields fields) {
    MetricSource source =
        new MetricSource(
            fields.text("series", ""),
            fields.objects("where", LabelMatchers::read),
            fields.objects("failures", LabelMatchers::read),
            fields.text("failure_series", ""));
    fields.refuseUnknown();
    return source;
  }
}
