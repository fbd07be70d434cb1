package io.canaryjudge.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.DistributionSample;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.ProportionSample;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.proto.v1.SampleRejection;
import io.canaryjudge.proto.v1.SeriesDeclaration;
import io.canaryjudge.proto.v1.StreamOpen;
import io.canaryjudge.proto.v1.StreamOpened;
import io.canaryjudge.proto.v1.StreamSamplesRequest;
import io.canaryjudge.proto.v1.StreamSamplesResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A producer after the letter of judge.proto: it keeps each batch, and after a disconnection goes
 * on from the committed sequence, or now and then from before it, which has to change nothing. It
 * knows what it has sent, and so what the judge has to come to.
 *
 * <p>One thread at a time lets it produce; any may ask how far it is.
 */
final class ResendingProducer {

  private static final int MAX_UNACKED = 16;
  private static final int MAX_STEP_BACK = 8;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

  private final String run;
  private final String producer;
  private final Arm arm;
  private final Random random;
  private final Times times;
  private final List<SampleBatch> batches = new ArrayList<>();
  private long acked;
  private final List<SampleRejection> rejections = new ArrayList<>();
  private long resent;
  private long unheard;
  private long samplesOnConnection;
  private long committedAtOpen;
  private StreamOpened opened = StreamOpened.getDefaultInstance();

  /** When the samples of a batch were observed. */
  interface Times {
    long timeMillis(long sequence);
  }

  ResendingProducer(String run, String producer, Arm arm, Random random, Times times) {
    this.run = run;
    this.producer = producer;
    this.arm = arm;
    this.random = random;
    this.times = times;
  }

  /**
   * Sends until the server is gone, or until there are so many batches and each is acked.
   *
   * @param until how many batches there will be
   * @param last whether none will ever follow these
   */
  void produce(Channel channel, long until, boolean last) throws InterruptedException {
    Connection connection = new Connection();
    StreamObserver<StreamSamplesRequest> requests =
        JudgeGrpc.newStub(channel).streamSamples(connection);
    requests.onNext(
        StreamSamplesRequest.newBuilder()
            .setOpen(StreamOpen.newBuilder().setAnalysisRun(run).setProducer(producer))
            .build());
    long committed = connection.awaitOpened();
    if (committed < 0) {
      return;
    }
    assertThat(committed).as("acknowledged batches are durable").isGreaterThanOrEqualTo(acked());
    assertThat(committed).as("batches that were sent").isLessThanOrEqualTo(batches.size());
    long stepBack = random.nextInt(MAX_STEP_BACK + 1);
    long next = Math.max(1, committed + 1 - stepBack);
    begin(committed, next);
    boolean declared = false;
    while (next <= until && connection.awaitCredit(next)) {
      SampleBatch batch = batch(next, last && next == until);
      requests.onNext(
          StreamSamplesRequest.newBuilder().setBatch(declared ? batch : declaring(batch)).build());
      count(batch);
      declared = true;
      next++;
    }
    if (next > until) {
      requests.onCompleted();
      connection.awaitEnd();
    }
  }

  private synchronized void begin(long committed, long next) {
    committedAtOpen = committed;
    unheard += committed - acked;
    resent += batches.size() + 1 - next;
    samplesOnConnection = 0;
  }

  private synchronized void count(SampleBatch batch) {
    samplesOnConnection += samples(batch);
  }

  private static long samples(SampleBatch batch) {
    return (long) batch.getProportionsCount() + batch.getDistributionsCount();
  }

  private SampleBatch batch(long sequence, boolean last) {
    if (sequence <= batches.size()) {
      return batches.get((int) sequence - 1);
    }
    assertThat(sequence).isEqualTo(batches.size() + 1);
    long time = times.timeMillis(sequence);
    SampleBatch.Builder batch =
        SampleBatch.newBuilder().setSequence(sequence).setWatermarkMillis(time).setLast(last);
    int proportions = 1 + random.nextInt(3);
    for (int i = 0; i < proportions; i++) {
      int total = 1 + random.nextInt(1_000);
      batch.addProportions(
          ProportionSample.newBuilder()
              .setSeriesId(1 + random.nextInt(2))
              .setTimeMillis(time)
              .setTotalCount(total)
              .setFailureCount(random.nextInt(total / 10 + 1)));
    }
    DistributionSample.Builder values =
        DistributionSample.newBuilder().setSeriesId(3).setTimeMillis(time);
    int count = 1 + random.nextInt(10);
    for (int i = 0; i < count; i++) {
      values.addValues(0.05 + random.nextDouble() / 10);
    }
    SampleBatch made = batch.addDistributions(values).build();
    synchronized (this) {
      batches.add(made);
    }
    return made;
  }

  private SampleBatch declaring(SampleBatch batch) {
    return batch.toBuilder()
        .addSeries(series(1, instance(1), "error_rate"))
        .addSeries(series(2, instance(2), "error_rate"))
        .addSeries(series(3, instance(3), "latency"))
        .build();
  }

  private String instance(int series) {
    return producer + (series == 2 ? "-b" : "-a");
  }

  private SeriesDeclaration series(int id, String instance, String metric) {
    return SeriesDeclaration.newBuilder()
        .setSeriesId(id)
        .setArm(arm)
        .setInstance(instance)
        .setMetric(metric)
        .build();
  }

  /** What the windows of the run have to hold of this producer, and nothing else. */
  void expect(WindowTotals totals) {
    long start =
        opened.getStartTime().getSeconds() * 1_000 + opened.getStartTime().getNanos() / 1_000_000;
    for (SampleBatch batch : batches) {
      for (ProportionSample sample : batch.getProportionsList()) {
        totals.add(
            Math.floorDiv(sample.getTimeMillis() - start, opened.getWindowMillis()),
            0,
            instance(sample.getSeriesId()),
            sample.getTotalCount(),
            sample.getFailureCount());
      }
      for (DistributionSample sample : batch.getDistributionsList()) {
        totals.add(
            Math.floorDiv(sample.getTimeMillis() - start, opened.getWindowMillis()),
            1,
            instance(sample.getSeriesId()),
            sample.getValuesCount(),
            0);
      }
    }
  }

  Arm arm() {
    return arm;
  }

  synchronized long sent() {
    return batches.size();
  }

  synchronized long samples() {
    return batches.stream().mapToLong(ResendingProducer::samples).sum();
  }

  synchronized long acked() {
    return acked;
  }

  /** What acks named as refused. */
  synchronized List<SampleRejection> rejections() {
    return List.copyOf(rejections);
  }

  /** Batches that were sent again. */
  synchronized long resent() {
    return resent;
  }

  /** Batches that turned out to be durable when it connected again, while no ack had come. */
  synchronized long unheard() {
    return unheard;
  }

  /** Samples that were sent on the newest connection, those of repeated batches included. */
  synchronized long samplesOnConnection() {
    return samplesOnConnection;
  }

  /** What was durable when the newest connection began. */
  synchronized long committedAtOpen() {
    return committedAtOpen;
  }

  /** Samples of the batches after one. */
  synchronized long samplesAfter(long sequence) {
    return batches.stream().skip(sequence).mapToLong(ResendingProducer::samples).sum();
  }

  /** Requests among all samples. */
  synchronized long requests() {
    return proportions().stream().mapToLong(ProportionSample::getTotalCount).sum();
  }

  /** Failures among them. */
  synchronized long failures() {
    return proportions().stream().mapToLong(ProportionSample::getFailureCount).sum();
  }

  private List<ProportionSample> proportions() {
    return batches.stream().flatMap(batch -> batch.getProportionsList().stream()).toList();
  }

  /** Values among all samples. */
  synchronized long values() {
    return batches.stream()
        .flatMap(batch -> batch.getDistributionsList().stream())
        .mapToLong(DistributionSample::getValuesCount)
        .sum();
  }

  /** What comes back on one connection. */
  private final class Connection implements StreamObserver<StreamSamplesResponse> {

    private long committed = -1;
    private boolean ended;

    @Override
    public void onNext(StreamSamplesResponse response) {
      synchronized (ResendingProducer.this) {
        switch (response.getFrameCase()) {
          case OPENED -> {
            opened = response.getOpened();
            committed = opened.getCommittedSequence();
          }
          case ACK -> {
            assertThat(response.getAck().getCommittedSequence()).isGreaterThanOrEqualTo(acked);
            acked = response.getAck().getCommittedSequence();
            rejections.addAll(response.getAck().getRejectionsList());
          }
          case FRAME_NOT_SET -> throw new AssertionError("an empty frame");
        }
        ResendingProducer.this.notifyAll();
      }
    }

    @Override
    public void onError(Throwable cause) {
      synchronized (ResendingProducer.this) {
        failure = Status.fromThrowable(cause);
      }
      onCompleted();
    }

    @Override
    public void onCompleted() {
      synchronized (ResendingProducer.this) {
        ended = true;
        ResendingProducer.this.notifyAll();
      }
    }

    private Status failure = Status.OK;

    /** The committed sequence; -1 if the connection ended. */
    long awaitOpened() throws InterruptedException {
      synchronized (ResendingProducer.this) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!ended && committed < 0) {
          await(deadline);
        }
        return hasEnded() ? -1 : committed;
      }
    }

    /** Whether another batch may be sent; false if the connection ended. */
    boolean awaitCredit(long next) throws InterruptedException {
      synchronized (ResendingProducer.this) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!ended && next - Math.max(acked, committed) > MAX_UNACKED) {
          await(deadline);
        }
        return !hasEnded();
      }
    }

    void awaitEnd() throws InterruptedException {
      synchronized (ResendingProducer.this) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!ended) {
          await(deadline);
        }
        hasEnded();
      }
    }

    /** A server that is killed or stops is no reason to give up; anything else is a failure. */
    private boolean hasEnded() {
      assertThat(failure.getCode())
          .as(failure.toString())
          .isIn(Status.Code.OK, Status.Code.UNAVAILABLE);
      return ended;
    }

    private void await(long deadline) throws InterruptedException {
      long left = deadline - System.nanoTime();
      assertThat(left).as("time left until something comes back").isPositive();
      TimeUnit.NANOSECONDS.timedWait(ResendingProducer.this, left);
    }
  }
}
