package io.canaryjudge.server.run;

/**
 * How much a run takes. Reaching a limit is told to the sender and counted.
 *
 * @param maxUnackedBatches batches of one stream that may wait for their commit; then the stream is
 *     not read any further
 * @param maxSamplesPerBatch samples in one batch; a larger one ends its stream
 * @param maxSeriesPerStream series that one stream may declare
 * @param maxProducers producers of one run
 * @param maxInstancesPerArm instances of one arm over the life of a run
 * @param maxOpenCells aggregates in the open windows of one run, and in what its streams collected
 *     since the last commit: one for each window, metric, arm, stratum and instance
 * @param maxNotes notes that go with the samples of one run
 * @param maxFedSeries foreign series by which one instance feeds a run: fewer than its notes, so
 *     that an instance with a label of too many values does not crowd out the others
 * @param maxAheadMillis how far a sample of a live run may be ahead of the clock
 * @param maxRetrospectiveMillis greatest duration of a retrospective run
 */
public record IngestLimits(
    int maxUnackedBatches,
    int maxSamplesPerBatch,
    int maxSeriesPerStream,
    int maxProducers,
    int maxInstancesPerArm,
    int maxOpenCells,
    int maxNotes,
    int maxFedSeries,
    long maxAheadMillis,
    long maxRetrospectiveMillis) {

  /** What suits a server with a heap of about 1 GiB. */
  public static final IngestLimits DEFAULTS =
      new IngestLimits(
          16_384, 10_000, 10_000, 1_000, 1_000, 100_000, 50_000, 5_000, 60_000, 7 * 86_400_000L);

  /** Checks that each is above 0. */
  public IngestLimits {
    atLeastOne("max_unacked_batches", maxUnackedBatches);
    atLeastOne("max_samples_per_batch", maxSamplesPerBatch);
    atLeastOne("max_series_per_stream", maxSeriesPerStream);
    atLeastOne("max_producers", maxProducers);
    atLeastOne("max_instances_per_arm", maxInstancesPerArm);
    atLeastOne("max_open_cells", maxOpenCells);
    atLeastOne("max_notes", maxNotes);
    atLeastOne("max_fed_series", maxFedSeries);
    atLeastOne("max_ahead_millis", maxAheadMillis);
    atLeastOne("max_retrospective_millis", maxRetrospectiveMillis);
  }

  private static void atLeastOne(String field, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(field + ": " + value + " (expected: at least 1)");
    }
  }
}
