package io.canaryjudge.client;

import java.time.Duration;

/**
 * How a sample stream behaves.
 *
 * @param run {@code analysisRuns/{analysis_run}}
 * @param producer identity of the sender; one that nobody else uses or has used in this run
 * @param maxUnackedBatches batches that are kept until they are acked, if the judge allows as many
 * @param maxSeries series of one producer
 * @param answerTimeout how long to wait for an answer to the opening, or for the next ack, before
 *     the connection is taken for dead
 * @param firstBackoff wait before the first try to reconnect
 * @param greatestBackoff longest wait between tries
 */
record StreamOptions(
    String run,
    String producer,
    int maxUnackedBatches,
    int maxSeries,
    Duration answerTimeout,
    Duration firstBackoff,
    Duration greatestBackoff) {

  StreamOptions {
    if (!run.matches("analysisRuns/[^/]+")) {
      throw new IllegalArgumentException(
          "run: '%s' (expected: analysisRuns/{analysis_run})".formatted(run));
    }
    if (!producer.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")) {
      throw new IllegalArgumentException(
          "producer: '%s' (expected: [A-Za-z0-9][A-Za-z0-9_.-]{0,63})".formatted(producer));
    }
    if (!(maxUnackedBatches >= 1)) {
      throw new IllegalArgumentException(
          "maxUnackedBatches: %d (expected: at least 1)".formatted(maxUnackedBatches));
    }
    if (!(maxSeries >= 1)) {
      throw new IllegalArgumentException(
          "maxSeries: %d (expected: at least 1)".formatted(maxSeries));
    }
    if (!answerTimeout.isPositive()) {
      throw new IllegalArgumentException(
          "answerTimeout: %s (expected: above 0)".formatted(answerTimeout));
    }
  }

  static StreamOptions defaults(String run, String producer) {
    return new StreamOptions(
        run,
        producer,
        64,
        10_000,
        Duration.ofSeconds(20),
        Duration.ofMillis(100),
        Duration.ofSeconds(5));
  }

  StreamOptions withProducer(String id) {
    return new StreamOptions(
        run, id, maxUnackedBatches, maxSeries, answerTimeout, firstBackoff, greatestBackoff);
  }

  StreamOptions withMaxUnackedBatches(int batches) {
    return new StreamOptions(
        run, producer, batches, maxSeries, answerTimeout, firstBackoff, greatestBackoff);
  }

  StreamOptions withMaxSeries(int series) {
    return new StreamOptions(
        run, producer, maxUnackedBatches, series, answerTimeout, firstBackoff, greatestBackoff);
  }

  StreamOptions withAnswerTimeout(Duration timeout) {
    return new StreamOptions(
        run, producer, maxUnackedBatches, maxSeries, timeout, firstBackoff, greatestBackoff);
  }

  StreamOptions withBackoff(Duration first, Duration greatest) {
    return new StreamOptions(
        run, producer, maxUnackedBatches, maxSeries, answerTimeout, first, greatest);
  }
}
