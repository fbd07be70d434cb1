package io.canaryjudge.client;

import io.canaryjudge.proto.v1.DistributionSample;
import io.canaryjudge.proto.v1.ProportionSample;
import io.canaryjudge.proto.v1.StreamOpened;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends recorded samples into a retrospective run, as fast as the judge takes them.
 *
 * <p>Samples come in order of time, up to a stated disorder: each batch declares a watermark, and
 * the judge seals the windows before it. Reading from the iterator goes at the pace of the acks, so
 * any number of samples fits into little memory.
 */
public final class RecordedSampleSender {

  private final ManagedChannel channel;
  private StreamOptions options;
  private ProducerListener listener = ProducerListener.NONE;
  private long disorderMillis;

  /**
   * Prepares a sender with a random identity.
   *
   * @param channel a channel to the judge, see {@link JudgeChannel}
   * @param run {@code analysisRuns/{analysis_run}} of a retrospective run
   */
  public RecordedSampleSender(ManagedChannel channel, String run) {
    this.channel = channel;
    this.options = StreamOptions.defaults(run, UUID.randomUUID().toString());
  }

  /** Sets the identity, where several senders share a run. See {@link SampleProducer.Builder}. */
  public RecordedSampleSender producerId(String id) {
    options = options.withProducer(id);
    return this;
  }

  /** How far a sample may lie before the latest one that came earlier. Default 0. */
  public RecordedSampleSender disorder(Duration greatest) {
    disorderMillis = greatest.toMillis();
    return this;
  }

  /** First and greatest wait before a reconnection. Default 100 ms and 5 s. */
  public RecordedSampleSender backoff(Duration first, Duration greatest) {
    options = options.withBackoff(first, greatest);
    return this;
  }

  /** Who hears of rejections and disconnections. */
  public RecordedSampleSender listener(ProducerListener listener) {
    this.listener = listener;
    return this;
  }

  /**
   * Sends everything, declares the end, and waits until all of it is acked or the run is closed: a
   * decision may come before the end of the records.
   *
   * @param samples in order of time; an exception that it throws ends the sending
   * @return what became of the samples, and how it ended
   * @throws IllegalArgumentException if a sample lies further back than the stated disorder
   * @throws InterruptedException if interrupted; what was not acked is then of unknown fate
   */
  public Sent send(Iterator<RecordedSample> samples) throws InterruptedException {
    var sending = new Sending();
    try {
      sending.sendAll(samples);
      return new Sent(sending.ended.join(), sending.stats());
    } finally {
      sending.loop.run(sending.stream::abort);
    }
  }

  /**
   * What was sent.
   *
   * @param end how it ended: {@link ProducerEnd.Closed} after the last sample, or earlier
   * @param stats what became of the samples that were read
   */
  public record Sent(ProducerEnd end, ProducerStats stats) {}

  /** One call of {@link #send}: the caller's thread fills batches, the loop's thread sends them. */
  private final class Sending implements SampleStream.Owner {

    private final SerialLoop loop = new SerialLoop("canary-judge-sender-" + options.producer());
    private final SeriesTable table = new SeriesTable(options.maxSeries());
    private final Map<SeriesSpec, Integer> ids = new HashMap<>();
    private final ArrayBlockingQueue<BatchFiller> ready = new ArrayBlockingQueue<>(2);
    private final CountDownLatch openedOnce = new CountDownLatch(1);
    private final CompletableFuture<ProducerEnd> ended = new CompletableFuture<>();
    private final SampleStream stream =
        new SampleStream(channel, options, loop, table, this, listener);
    private volatile int maxSamples = 1;
    private boolean lastTaken;
    private long read;
    private long latestMillis = Long.MIN_VALUE;

    void sendAll(Iterator<RecordedSample> samples) throws InterruptedException {
      loop.run(stream::connect);
      openedOnce.await();
      while (!ended.isDone() && samples.hasNext()) {
        var batch = new BatchFiller(maxSamples);
        while (!batch.isFull() && samples.hasNext()) {
          add(samples.next(), batch);
        }
        read += batch.observations();
        if (latestMillis - disorderMillis > 0) {
          batch.batch().setWatermarkMillis(latestMillis - disorderMillis);
        }
        hand(batch);
      }
      var last = new BatchFiller(1);
      last.batch().setLast(true);
      hand(last);
      ended.join();
    }

    ProducerStats stats() {
      ProducerStats stats = stream.stats(read, 0, Map.of());
      long unsent = read - stats.acked() - stats.unacked();
      return stream.stats(read, 0, unsent > 0 ? Map.of(UnsentReason.ENDED, unsent) : Map.of());
    }

    private void add(RecordedSample sample, BatchFiller batch) {
      long timeMillis = sample.timeMillis();
      if (latestMillis != Long.MIN_VALUE && timeMillis < latestMillis - disorderMillis) {
        throw new IllegalArgumentException(
            "timeMillis: %d after %d (expected: in order, up to a disorder of %d ms)"
                .formatted(timeMillis, latestMillis, disorderMillis));
      }
      latestMillis = Math.max(latestMillis, timeMillis);
      int id = ids.computeIfAbsent(sample.series(), table::add);
      switch (sample) {
        case RecordedSample.Proportion(var _, var _, long total, long failures) ->
            batch.add(
                ProportionSample.newBuilder()
                    .setSeriesId(id)
                    .setTimeMillis(timeMillis)
                    .setTotalCount(total)
                    .setFailureCount(failures)
                    .build());
        case RecordedSample.Values(var _, var _, List<Double> values) ->
            batch.add(
                DistributionSample.newBuilder()
                    .setSeriesId(id)
                    .setTimeMillis(timeMillis)
                    .addAllValues(values)
                    .build(),
                values.size());
        case RecordedSample.Exponential(var _, var _, var histogram) ->
            batch.add(
                DistributionSample.newBuilder()
                    .setSeriesId(id)
                    .setTimeMillis(timeMillis)
                    .setExponential(histogram)
                    .build(),
                histogram.getZeroCount() + sum(histogram.getBucketCountsList()));
        case RecordedSample.Explicit(var _, var _, var histogram) ->
            batch.add(
                DistributionSample.newBuilder()
                    .setSeriesId(id)
                    .setTimeMillis(timeMillis)
                    .setExplicit(histogram)
                    .build(),
                sum(histogram.getBucketCountsList()));
      }
    }

    /** Waits until the loop has room for one more, or the stream has ended. */
    private void hand(BatchFiller batch) throws InterruptedException {
      while (!ended.isDone() && !ready.offer(batch, 50, TimeUnit.MILLISECONDS)) {}
      loop.run(this::onRoom);
    }

    @Override
    public void onOpened(StreamOpened opened) {
      maxSamples = Math.max(1, opened.getMaxSamplesPerBatch());
      openedOnce.countDown();
    }

    @Override
    public void onRoom() {
      @Nullable BatchFiller next;
      while (stream.room() > 0 && (next = ready.poll()) != null) {
        lastTaken = next.batch().getLast();
        stream.add(next.batch(), next.observations());
      }
      if (lastTaken) {
        stream.finish();
      }
    }

    @Override
    public void onEnd(ProducerEnd end) {
      loop.tell(() -> listener.onEnd(end));
      loop.end();
      ended.complete(end);
      openedOnce.countDown();
    }

    private static long sum(List<Long> counts) {
      return counts.stream().mapToLong(Long::longValue).sum();
    }
  }
}
