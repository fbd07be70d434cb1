package io.canaryjudge.analysis.policy;

import java.math.BigDecimal;

/** The rules for one threshold. */
final class ThresholdRules {

  private static final long MINUTE = 60_000;
  private static final long HOUR = 3_600_000;

  private final Violations violations;

  ThresholdRules(Violations violations) {
    this.violations = violations;
  }

  void check(String path, MetricPolicy metric, Threshold threshold) {
    quantile(path + ".quantile", metric.kind(), threshold);
    tolerance(path, metric, threshold.noGo());
    sustained(path + ".sustained", threshold);
    if (threshold.go().equals(threshold.noGo())) {
      return;
    }
    tolerance(path + ".go", metric, threshold.go());
    notNarrower(path + ".go", metric.harmfulDirection(), threshold);
  }

  private void quantile(String path, MetricKind kind, Threshold threshold) {
    switch (kind) {
      case PROPORTION ->
          violations.require(
              threshold.quantile().isEmpty(),
              path,
              Violations.number(threshold.quantile().orElse(Double.NaN)),
              "none, since a proportion has no quantiles");
      case DISTRIBUTION -> {
        double quantile = threshold.quantile().orElse(Double.NaN);
        violations.require(
            quantile > 0 && quantile < 1,
            path,
            threshold.quantile().isEmpty() ? "missing" : Violations.number(quantile),
            "in (0, 1), such as 0.95: a distribution is compared at a quantile");
      }
    }
  }

  private void tolerance(String path, MetricPolicy metric, Tolerance tolerance) {
    switch (tolerance) {
      case Tolerance.Limit(double limit) -> limit(path + ".limit", metric.kind(), limit);
      case Tolerance.Change change -> change(path, metric, change);
    }
  }

  private void limit(String path, MetricKind kind, double limit) {
    switch (kind) {
      case PROPORTION ->
          violations.require(limit > 0 && limit < 1, path, limit, "a share in (0, 1): 1 % is 0.01");
      case DISTRIBUTION ->
          violations.require(
              limit > 0 && Double.isFinite(limit), path, limit, "above 0, in the metric's unit");
    }
  }

  private void change(String path, MetricPolicy metric, Tolerance.Change change) {
    relative(path + ".relative", metric.harmfulDirection(), change.relative());
    absolute(path + ".absolute", metric.kind(), change.absolute());
    absolute(path + ".floor", metric.kind(), change.floor());
    boolean identified = change.floor() != 0 || (change.relative() == 0 && change.absolute() != 0);
    violations.require(
        metric.kind() == MetricKind.DISTRIBUTION || identified,
        path + ".floor",
        "none",
        "a share above 0 beside relative: with no event in either arm a ratio says nothing, and a"
            + " service without errors could never be promoted");
  }

  private void relative(String path, HarmfulDirection direction, double relative) {
    switch (direction) {
      case INCREASE ->
          violations.require(
              relative >= 0 && Double.isFinite(relative),
              path,
              relative,
              "a fraction of at least 0: 50 % is 0.5");
      case DECREASE ->
          violations.require(
              relative >= 0 && relative < 1,
              path,
              relative,
              "a fraction in [0, 1): a decrease by 20 % is 0.2");
    }
  }

  private void absolute(String path, MetricKind kind, double absolute) {
    switch (kind) {
      case PROPORTION ->
          violations.require(
              absolute >= 0 && absolute < 1,
              path,
              absolute,
              "a share in [0, 1): half a percentage point is 0.005");
      case DISTRIBUTION ->
          violations.require(
              absolute >= 0 && Double.isFinite(absolute),
              path,
              absolute,
              "at least 0, in the metric's unit");
    }
  }

  private void sustained(String path, Threshold threshold) {
    long millis = threshold.sustainedMillis();
    if (millis == 0) {
      return;
    }
    violations.require(
        millis >= MINUTE && millis <= HOUR && millis % MINUTE == 0,
        path,
        DurationText.format(millis),
        "1m to 1h, whole minutes");
    violations.require(
        threshold.noGo() instanceof Tolerance.Limit,
        path,
        DurationText.format(millis),
        "none, since only a limit can be exceeded for a time");
  }

  private void notNarrower(String path, HarmfulDirection direction, Threshold threshold) {
    switch (threshold.noGo()) {
      case Tolerance.Limit(double noGo) -> {
        if (threshold.go() instanceof Tolerance.Limit(double go)) {
          limitNotNarrower(path + ".limit", direction, noGo, go);
        } else {
          violations.require(false, path, "a change", "a limit, as for NO_GO");
        }
      }
      case Tolerance.Change noGo -> {
        if (threshold.go() instanceof Tolerance.Change go) {
          changeNotNarrower(path, noGo, go);
        } else {
          violations.require(false, path, "a limit", "a change, as for NO_GO");
        }
      }
    }
  }

  private void limitNotNarrower(String path, HarmfulDirection direction, double noGo, double go) {
    if (Double.isNaN(noGo) || Double.isNaN(go)) {
      return;
    }
    switch (direction) {
      case INCREASE ->
          violations.require(
              go >= noGo, path, go, "at least " + Violations.number(noGo) + ", the limit of NO_GO");
      case DECREASE ->
          violations.require(
              go <= noGo, path, go, "at most " + Violations.number(noGo) + ", the limit of NO_GO");
    }
  }

  /**
   * With {@code b} the baseline's value, a change tolerates a difference of up to {@code max(r b +
   * a, f)}. It is compared for every {@code b >= 0}: the function for NO_GO is the larger of two
   * lines, the one for GO is convex, so three places are enough: {@code b = 0}, where the function
   * for GO has its kink, and far out.
   */
  private void changeNotNarrower(String path, Tolerance.Change noGo, Tolerance.Change go) {
    if (!isFinite(noGo) || !isFinite(go)) {
      return;
    }
    violations.require(
        go.relative() >= noGo.relative(),
        path + ".relative",
        go.relative(),
        "at least " + Violations.number(noGo.relative()) + ", as for NO_GO");

    double noGoAtZero = StrictMath.max(noGo.absolute(), noGo.floor());
    boolean byFloor = noGo.floor() > noGo.absolute();
    violations.require(
        StrictMath.max(go.absolute(), go.floor()) >= noGoAtZero,
        path + (byFloor ? ".floor" : ".absolute"),
        byFloor ? go.floor() : go.absolute(),
        "at least " + Violations.number(noGoAtZero) + ", as for NO_GO");

    // The kink is at b = (f - a) / r; multiplied by r, since decimals have to compare exactly.
    BigDecimal relative = BigDecimal.valueOf(go.relative());
    BigDecimal toKink = BigDecimal.valueOf(go.floor()).subtract(BigDecimal.valueOf(go.absolute()));
    if (go.relative() >= noGo.relative() && relative.signum() > 0 && toKink.signum() > 0) {
      BigDecimal noGoAtKink =
          BigDecimal.valueOf(noGo.relative())
              .multiply(toKink)
              .add(BigDecimal.valueOf(noGo.absolute()).multiply(relative));
      violations.require(
          relative.multiply(BigDecimal.valueOf(go.floor())).compareTo(noGoAtKink) >= 0,
          path,
          "narrower than NO_GO where the baseline is near "
              + Violations.number(toKink.doubleValue() / go.relative()),
          "nowhere narrower: a larger floor or absolute");
    }
  }

  private static boolean isFinite(Tolerance.Change change) {
    return Double.isFinite(change.relative())
        && Double.isFinite(change.absolute())
        && Double.isFinite(change.floor());
  }
}
