package io.canaryjudge.client;

/**
 * Intervals of time by which observations are gathered. Once the judge has told its windows, an
 * interval never spans two of them.
 *
 * @param originMillis start of an interval, epoch milliseconds
 * @param lengthMillis length of the intervals, at least 1
 */
record Slicing(long originMillis, long lengthMillis) {

  /** Start of the interval that holds a moment. */
  long startOf(long timeMillis) {
    return originMillis + Math.floorDiv(timeMillis - originMillis, lengthMillis) * lengthMillis;
  }
}
