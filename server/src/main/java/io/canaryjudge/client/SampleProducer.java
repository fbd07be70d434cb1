package io.canaryjudge.client;

import io.canaryjudge.client.Series.Delta;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.StreamOpened;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends what is observed, as it is observed, into a live run.
 *
 * <p>Any thread records; recording adds to a count and returns. One thread of the producer's own
 * puts what was gathered into batches, keeps them until they are acked, and resumes after a
 * disconnection: each observation counts once. While the judge is out of reach, observations gather
 * in a bounded buffer; what does not fit is counted in {@link #stats()}, never lost in silence.
 *
 * <p>Memory is bounded by the number of series times the intervals that each may hold, plus the
 * unacked batches.
 */
public final class SampleProducer implements AutoCloseable {

  private final Duration flushInterval;
  private final Recording recording;
  private final SeriesTable table;
  private final SerialLoop loop;
  private final SampleStream stream;
  private final ProducerListener listener;
  private final CompletableFuture<ProducerEnd> ended = new CompletableFuture<>();
  private final List<Series> series = new CopyOnWriteArrayList<>();
  private final Map<UnsentReason, Long> unsentTold = new EnumMap<>(UnsentReason.class);
  private volatile boolean closed;
  private int nextSeries;
  private boolean backlog;

  private SampleProducer(Builder builder) {
    flushInterval = builder.flushInterval;
    listener = builder.listener;
    recording =
        new Recording(
            builder.clock,
            builder.maxIntervals,
            builder.whenFull,
            new Slicing(0, flushInterval.toMillis()));
    table = new SeriesTable(builder.options.maxSeries());
    loop = new SerialLoop("canary-judge-producer-" + builder.options.producer());
    stream = new SampleStream(builder.channel, builder.options, loop, table, new Owner(), listener);
    loop.run(stream::connect);
    loop.every(flushInterval, this::flushNow);
  }

  /**
   * Begins a producer with a random identity.
   *
   * @param channel a channel to the judge, see {@link JudgeChannel}; stays open after this producer
   * @param run {@code analysisRuns/{analysis_run}}
   */
  public static Builder builder(ManagedChannel channel, String run) {
    return new Builder(channel, run);
  }

  /** Begins a series of a metric of kind PROPORTION, such as {@code error_rate}. */
  public ProportionSeries proportion(Arm arm, String instance, String metric) {
    return proportion(SeriesSpec.of(arm, instance, metric));
  }

  /** Begins a series of a metric of kind PROPORTION. */
  public ProportionSeries proportion(SeriesSpec spec) {
    return add(new ProportionSeries(table.add(spec), recording));
  }

  /** Begins a series of a metric of kind DISTRIBUTION, such as {@code latency}. */
  public DistributionSeries distribution(Arm arm, String instance, String metric) {
    return distribution(SeriesSpec.of(arm, instance, metric));
  }

  /** Begins a series of a metric of kind DISTRIBUTION. */
  public DistributionSeries distribution(SeriesSpec spec) {
    return add(new DistributionSeries(table.add(spec), recording));
  }

  /** Asks to send what was gathered now instead of at the next flush interval. Does not wait. */
  public void flush() {
    loop.run(this::flushNow);
  }

  /** What became of what was recorded. */
  public ProducerStats stats() {
    long pending = series.stream().mapToLong(Series::pending).sum();
    return stream.stats(recording.recorded().sum(), pending, recording.unsent());
  }

  /** Completed when nothing will be sent any more, with the cause. */
  public CompletableFuture<ProducerEnd> ended() {
    return ended.copy();
  }

  /**
   * Takes nothing more, sends what was gathered, and waits until it is acked.
   *
   * @param timeout after which it gives up: what is not acked then is {@code unacked} or unsent in
   *     {@link #stats()}
   * @return how the producer ended
   */
  public ProducerEnd close(Duration timeout) {
    closed = true;
    loop.run(this::flushNow);
    try {
      return ended.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      loop.run(stream::abort);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      loop.run(stream::abort);
    } catch (ExecutionException e) {
      throw new AssertionError("never completed exceptionally", e);
    }
    return ended.join();
  }

  /** Closes with a timeout of 10 s. */
  @Override
  public void close() {
    close(Duration.ofSeconds(10));
  }

  private <S extends Series> S add(S added) {
    series.add(added);
    if (closed || ended.isDone()) {
      added.close();
    }
    return added;
  }

  /** On the loop. */
  private void flushNow() {
    if (closed) {
      series.forEach(Series::close);
    }
    backlog = true;
    while (backlog && stream.room() > 0) {
      backlog = sendOne();
    }
    tellUnsent();
    if (closed && series.stream().allMatch(one -> one.pending() == 0)) {
      stream.finish();
    }
  }

  /** Sends one batch, beginning with the series at which the last one was full. */
  private boolean sendOne() {
    @Nullable StreamOpened opened = stream.opened();
    if (opened == null || series.isEmpty()) {
      return false;
    }
    var batch = new BatchFiller(opened.getMaxSamplesPerBatch());
    int count = series.size();
    for (int i = 0; i < count && !batch.isFull(); i++) {
      Series one = series.get(nextSeries % count);
      @Nullable Delta delta;
      while (!batch.isFull() && (delta = one.poll()) != null) {
        delta.addTo(batch, one.id());
      }
      if (!batch.isFull()) {
        nextSeries = (nextSeries + 1) % count;
      }
    }
    if (batch.isEmpty()) {
      return false;
    }
    stream.add(batch.batch(), batch.observations());
    return true;
  }

  private void tellUnsent() {
    recording
        .unsent()
        .forEach(
            (reason, count) -> {
              long news = count - unsentTold.getOrDefault(reason, 0L);
              if (news > 0) {
                unsentTold.put(reason, count);
                loop.tell(() -> listener.onUnsent(reason, news));
              }
            });
  }

  /** Hears the stream, on the loop. */
  private final class Owner implements SampleStream.Owner {
    @Override
    public void onOpened(StreamOpened opened) {
      var start = opened.getStartTime();
      recording.slice(
          new Slicing(
              start.getSeconds() * 1000 + start.getNanos() / 1_000_000,
              Math.max(1, opened.getWindowMillis())));
    }

    @Override
    public void onRoom() {
      // Not at every ack: what is fresh waits for its flush interval.
      if (backlog || closed) {
        flushNow();
      }
    }

    @Override
    public void onEnd(ProducerEnd end) {
      closed = true;
      for (Series one : series) {
        one.close();
        @Nullable Delta delta;
        while ((delta = one.poll()) != null) {
          recording.countUnsent(UnsentReason.ENDED, delta.observations());
        }
      }
      tellUnsent();
      loop.tell(() -> listener.onEnd(end));
      loop.end();
      ended.complete(end);
    }
  }

  /** How a producer behaves; each setting has a default. */
  public static final class Builder {

    private final ManagedChannel channel;
    private StreamOptions options;
    private Duration flushInterval = Duration.ofSeconds(1);
    private int maxIntervals = 60;
    private WhenFull whenFull = WhenFull.DROP_OLDEST;
    private ProducerListener listener = ProducerListener.NONE;
    private InstantSource clock = InstantSource.system();

    private Builder(ManagedChannel channel, String run) {
      this.channel = channel;
      this.options = StreamOptions.defaults(run, UUID.randomUUID().toString());
    }

    /**
     * Sets the identity in place of a random one. No other process may use it in this run, nor a
     * later one: a restarted process begins anew.
     *
     * @param id {@code [A-Za-z0-9][A-Za-z0-9_.-]{0,63}}
     */
    public Builder producerId(String id) {
      options = options.withProducer(id);
      return this;
    }

    /** How often what was gathered is sent. Default 1 s; at most the window is sensible. */
    public Builder flushInterval(Duration interval) {
      if (!(interval.toMillis() >= 1)) {
        throw new IllegalArgumentException(
            "flushInterval: " + interval + " (expected: at least 1 ms)");
      }
      flushInterval = interval;
      return this;
    }

    /** How many batches are kept unacked. Default 64, or less if the judge says so. */
    public Builder maxUnackedBatches(int batches) {
      options = options.withMaxUnackedBatches(batches);
      return this;
    }

    /** How many series there may be. Default 10,000. */
    public Builder maxSeries(int series) {
      options = options.withMaxSeries(series);
      return this;
    }

    /**
     * How many intervals (of one window of the run) a series gathers while the judge is out of
     * reach, and what happens then. Default 60, {@link WhenFull#DROP_OLDEST}.
     */
    public Builder buffer(int intervals, WhenFull policy) {
      if (!(intervals >= 1)) {
        throw new IllegalArgumentException(
            "intervals: %d (expected: at least 1)".formatted(intervals));
      }
      maxIntervals = intervals;
      whenFull = policy;
      return this;
    }

    /** After how long without an answer a connection is taken for dead. Default 20 s. */
    public Builder answerTimeout(Duration timeout) {
      options = options.withAnswerTimeout(timeout);
      return this;
    }

    /** First and greatest wait before a reconnection. Default 100 ms and 5 s. */
    public Builder backoff(Duration first, Duration greatest) {
      options = options.withBackoff(first, greatest);
      return this;
    }

    /** Who hears of rejections, disconnections and the end. */
    public Builder listener(ProducerListener listener) {
      this.listener = listener;
      return this;
    }

    /** The clock that dates observations. Default the system's. */
    public Builder clock(InstantSource clock) {
      this.clock = clock;
      return this;
    }

    /** Starts the producer; it connects at once, in the background. */
    public SampleProducer start() {
      return new SampleProducer(this);
    }
  }
}
