package io.canaryjudge.client;

import io.canaryjudge.proto.v1.DistributionSample;
import io.canaryjudge.proto.v1.ProportionSample;
import io.canaryjudge.proto.v1.SampleBatch;

/** A batch that is being filled, up to its bounds in samples and bytes. Owned by one thread. */
final class BatchFiller {

  /** Below gRPC's limit of 4 MiB for a message, with room for the declarations of all series. */
  private static final int MAX_BYTES = 1 << 20;

  private final SampleBatch.Builder batch = SampleBatch.newBuilder();
  private final int maxSamples;
  private int samples;
  private int bytes;
  private long observations;

  BatchFiller(int maxSamples) {
    this.maxSamples = maxSamples;
  }

  void add(ProportionSample sample) {
    batch.addProportions(sample);
    samples++;
    bytes += sample.getSerializedSize();
    observations += sample.getTotalCount();
  }

  void add(DistributionSample sample, long values) {
    batch.addDistributions(sample);
    samples++;
    bytes += sample.getSerializedSize();
    observations += values;
  }

  boolean isFull() {
    return samples >= maxSamples || bytes >= MAX_BYTES;
  }

  boolean isEmpty() {
    return samples == 0;
  }

  long observations() {
    return observations;
  }

  SampleBatch.Builder batch() {
    return batch;
  }
}
