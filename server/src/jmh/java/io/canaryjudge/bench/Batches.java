package io.canaryjudge.bench;

import com.google.protobuf.CodedOutputStream;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.DistributionSample;
import io.canaryjudge.proto.v1.ExponentialHistogram;
import io.canaryjudge.proto.v1.ProportionSample;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.proto.v1.SeriesDeclaration;
import io.canaryjudge.proto.v1.StreamSamplesRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;

/**
 * Makes batches of samples and their bytes, so that a load generator has little to do for each: the
 * samples are serialised once, and only the sequence is put before them when they are sent.
 *
 * <p>Both arms are alike, so that a run goes on.
 */
final class Batches {

  /** What the samples of a batch are. */
  enum Mix {
    /** Total and failures of an error rate. */
    COUNTS,

    /** Counts, and as many exponential histograms of a latency with 20 buckets. */
    MIXED
  }

  private static final int BUCKETS = 20;
  private static final int MAX_VARINT_BYTES = 10;

  private final Mix mix;
  private final int firstInstance;
  private final int instancesPerArm;
  private final Random random = new Random(1);
  private int nextSeries;

  /**
   * The series of one stream.
   *
   * @param firstInstance number of the first instance, in both arms
   * @param instancesPerArm how many instances of each arm the stream sends for
   */
  Batches(Mix mix, int firstInstance, int instancesPerArm) {
    this.mix = mix;
    this.firstInstance = firstInstance;
    this.instancesPerArm = instancesPerArm;
  }

  /** How many series there are: the odd ids are error rates where the mix has both metrics. */
  int series() {
    return 2 * instancesPerArm * (mix == Mix.MIXED ? 2 : 1);
  }

  /** A batch that declares all series, without samples. */
  byte[] declarations() {
    SampleBatch.Builder batch = SampleBatch.newBuilder();
    for (int id = 1; id <= series(); id++) {
      int instance = (mix == Mix.MIXED ? (id - 1) / 2 : id - 1);
      batch.addSeries(
          SeriesDeclaration.newBuilder()
              .setSeriesId(id)
              .setArm(instance % 2 == 0 ? Arm.ARM_BASELINE : Arm.ARM_CANARY)
              .setInstance("instance-" + (firstInstance + instance / 2))
              .setMetric(isCount(id) ? "error_rate" : "latency"));
    }
    return batch.build().toByteArray();
  }

  /** A batch of samples at a time, without its sequence; goes through the series in turn. */
  byte[] samples(int count, long timeMillis, long watermarkMillis) {
    SampleBatch.Builder batch = SampleBatch.newBuilder().setWatermarkMillis(watermarkMillis);
    for (int i = 0; i < count; i++) {
      int id = 1 + nextSeries;
      nextSeries = (nextSeries + 1) % series();
      if (isCount(id)) {
        batch.addProportions(
            ProportionSample.newBuilder()
                .setSeriesId(id)
                .setTimeMillis(timeMillis)
                .setTotalCount(100)
                .setFailureCount(random.nextInt(10) == 0 ? 1 : 0));
      } else {
        batch.addDistributions(
            DistributionSample.newBuilder()
                .setSeriesId(id)
                .setTimeMillis(timeMillis)
                .setExponential(histogram()));
      }
    }
    return batch.build().toByteArray();
  }

  private boolean isCount(int id) {
    return mix == Mix.COUNTS || id % 2 == 1;
  }

  /** A hundred latencies around 100 ms; neighbouring buckets are 9 % apart. */
  private ExponentialHistogram.Builder histogram() {
    ExponentialHistogram.Builder histogram =
        ExponentialHistogram.newBuilder().setScale(3).setOffset(-37);
    int[] counts = new int[BUCKETS];
    for (int request = 0; request < 100; request++) {
      long bucket = Math.round(BUCKETS / 2.0 + 3 * random.nextGaussian());
      counts[(int) Math.clamp(bucket, 0L, BUCKETS - 1L)]++;
    }
    for (int count : counts) {
      histogram.addBucketCounts(count);
    }
    return histogram;
  }

  /** The message of a batch: what was serialised, under a sequence. */
  static byte[] message(long sequence, byte[] batch) {
    int size =
        CodedOutputStream.computeInt64Size(SampleBatch.SEQUENCE_FIELD_NUMBER, sequence)
            + batch.length;
    byte[] bytes = new byte[size + 1 + MAX_VARINT_BYTES];
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeTag(StreamSamplesRequest.BATCH_FIELD_NUMBER, 2);
      out.writeUInt32NoTag(size);
      out.writeInt64(SampleBatch.SEQUENCE_FIELD_NUMBER, sequence);
      out.writeRawBytes(batch);
      return Arrays.copyOf(bytes, out.getTotalBytesWritten());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
