package io.canaryjudge.demo;

import java.util.random.RandomGenerator;

/**
 * How a version of the service behaves. The work of a request is waiting, as for a database, and
 * its length varies as it does in practice: log-normally.
 *
 * @param medianMillis median length of the work, above 0
 * @param sigma standard deviation of its logarithm, at least 0
 * @param errorShare share of requests that end with status 500, in [0, 1]
 * @param slowShare share of requests that take a slow path, in [0, 1]
 * @param slowFactor how many times as long the slow path takes, at least 1
 */
record Behaviour(
    double medianMillis, double sigma, double errorShare, double slowShare, double slowFactor) {

  /** What one request will be like. */
  record Work(double millis, boolean fails) {}

  Work next(RandomGenerator random) {
    double millis = medianMillis * Math.exp(sigma * random.nextGaussian());
    if (random.nextDouble() < slowShare) {
      millis *= slowFactor;
    }
    return new Work(millis, random.nextDouble() < errorShare);
  }
}
