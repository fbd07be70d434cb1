package io.canaryjudge.client;

import io.canaryjudge.proto.v1.SampleRejection;
import java.util.Map;

/**
 * What became of everything that a producer was given. Observations are trials of proportions and
 * values of distributions. At rest, {@code recorded = pending + unacked + acked + the unsent ones}.
 *
 * @param recorded observations that were given
 * @param pending observations that wait to be put into a batch
 * @param unacked observations in batches without an ack yet; after the end, of unknown fate
 * @param acked observations in acked batches: durable, but for what {@code rejectedSamples} names
 * @param unsent observations that were never sent, by reason
 * @param rejectedSamples samples (not observations) that the judge refused, by reason. Where the
 *     ack of a batch was lost with its connection, its rejections are not known
 * @param ackedBatches batches that were acked
 * @param connections how often the stream was opened: 1 if nothing ever broke
 */
public record ProducerStats(
    long recorded,
    long pending,
    long unacked,
    long acked,
    Map<UnsentReason, Long> unsent,
    Map<SampleRejection.Reason, Long> rejectedSamples,
    long ackedBatches,
    long connections) {

  /** Copies the maps. */
  public ProducerStats {
    unsent = Map.copyOf(unsent);
    rejectedSamples = Map.copyOf(rejectedSamples);
  }
}
