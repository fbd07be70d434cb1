package io.canaryjudge.bench;

import io.canaryjudge.bench.Batches.Mix;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongFunction;

/** Some streams into live runs, all of them as fast as they may or at a given rate. */
final class LiveLoad {

  /** Instances of each arm, over all streams. */
  private static final int INSTANCES = 10;

  private static final long PACE_MILLIS = 5;

  private final List<LoadStream> streams = new ArrayList<>();
  private final LongAdder batches = new LongAdder();
  private final int samplesPerBatch;
  private final ScheduledExecutorService pace =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  /**
   * Begins to send.
   *
   * @param runs the streams are spread over these
   * @param samplesPerSecond over all streams; +Infinity for as fast as they may
   */
  LiveLoad(
      Target target,
      List<String> runs,
      Mix mix,
      int streamCount,
      int samplesPerBatch,
      double samplesPerSecond) {
    this.samplesPerBatch = samplesPerBatch;
    int instances = Math.max(1, INSTANCES / streamCount);
    for (int i = 0; i < streamCount; i++) {
      Source source = new Source(new Batches(mix, i * instances, instances), samplesPerBatch);
      streams.add(
          new LoadStream(
              target.channel(i), runs.get(i % runs.size()), "producer-" + i, count(source)));
    }
    if (samplesPerSecond < Double.POSITIVE_INFINITY) {
      limit(samplesPerSecond);
    }
  }

  private void limit(double samplesPerSecond) {
    double batchesPerNano = samplesPerSecond / samplesPerBatch / streams.size() / 1e9;
    long start = System.nanoTime();
    var _ =
        pace.scheduleAtFixedRate(
            () -> {
              long sequence = 1 + (long) ((System.nanoTime() - start) * batchesPerNano);
              streams.forEach(stream -> stream.allow(sequence));
            },
            0,
            PACE_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  private LongFunction<byte[]> count(Source source) {
    return sequence -> {
      batches.increment();
      return source.message(sequence);
    };
  }

  /** Samples that were sent so far. */
  long samples() {
    return Math.max(0, batches.sum() - streams.size()) * samplesPerBatch;
  }

  /** Sends no more, and waits until all that was sent is acknowledged. */
  void stopAndWait() {
    pace.shutdown();
    streams.forEach(LoadStream::stop);
    CompletableFuture.allOf(
            streams.stream().map(LoadStream::ended).toArray(CompletableFuture[]::new))
        .orTimeout(1, TimeUnit.MINUTES)
        .join();
  }

  /** The messages of one stream: the declarations, then samples of the present moment. */
  private static final class Source {

    /** Batches that take turns, so that values vary. */
    private static final int VARIANTS = 16;

    private static final long FRESH_MILLIS = 500;

    private final Batches batches;
    private final int samplesPerBatch;
    private final byte[][] variants = new byte[VARIANTS][];
    private long timeMillis;

    Source(Batches batches, int samplesPerBatch) {
      this.batches = batches;
      this.samplesPerBatch = samplesPerBatch;
    }

    byte[] message(long sequence) {
      if (sequence == 1) {
        return Batches.message(1, batches.declarations());
      }
      long now = System.currentTimeMillis();
      if (now - timeMillis >= FRESH_MILLIS) {
        timeMillis = now;
        for (int i = 0; i < VARIANTS; i++) {
          variants[i] = batches.samples(samplesPerBatch, now, 0);
        }
      }
      return Batches.message(sequence, variants[(int) (sequence % VARIANTS)]);
    }
  }
}
