package io.canaryjudge.bench;

/**
 * What one repetition gave.
 *
 * @param points samples or points that were acknowledged
 * @param seconds of wall time that it took
 * @param cpuSeconds of the server that it took
 */
record Rates(long points, double seconds, double cpuSeconds) {

  double perSecond() {
    return points / seconds;
  }

  double perCpuSecond() {
    return points / cpuSeconds;
  }
}
