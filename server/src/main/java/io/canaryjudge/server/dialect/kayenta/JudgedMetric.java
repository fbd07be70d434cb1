package io.canaryjudge.server.dialect.kayenta;

/**
 * What became of one metric.
 *
 * @param metric what the config says about it
 * @param id of the pair of series, to be echoed
 * @param label Kayenta's word
 * @param reason for people
 * @param undecided whether there is data, and it is not enough: labelled {@code NODATA}, since
 *     Kayenta has no word for it
 * @param fatal whether it fails the canary alone
 * @param points what was judged
 */
record JudgedMetric(
    CanaryMetric metric,
    String id,
    Label label,
    String reason,
    boolean undecided,
    boolean fatal,
    PairedPoints points) {

  /** Words of Kayenta for a metric. */
  enum Label {
    PASS("Pass"),
    HIGH("High"),
    LOW("Low"),
    NODATA("Nodata"),
    NODATA_FAIL_METRIC("NodataFailMetric"),
    ERROR("Error");

    private final String word;

    Label(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  /** Whether it counts at all for its groups. */
  boolean counts() {
    return undecided || (label != Label.NODATA && label != Label.ERROR);
  }
}
