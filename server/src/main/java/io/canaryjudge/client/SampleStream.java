package io.canaryjudge.client;

import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.proto.v1.SampleRejection;
import io.canaryjudge.proto.v1.StreamAck;
import io.canaryjudge.proto.v1.StreamOpen;
import io.canaryjudge.proto.v1.StreamOpened;
import io.canaryjudge.proto.v1.StreamSamplesRequest;
import io.canaryjudge.proto.v1.StreamSamplesResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One producer's end of {@code Judge.StreamSamples}: numbers the batches, keeps each until it is
 * acked, and after any disconnection goes on with the first one that the judge has not committed.
 * So each batch has its effect once, however often it is sent.
 *
 * <p>Owned by the thread of its {@link SerialLoop}: every method is called there, and what gRPC
 * reports is moved there.
 */
final class SampleStream {

  /** What the owner of a stream hears, on the loop. */
  interface Owner {
    /** A stream is open; these are its limits. */
    void onOpened(StreamOpened opened);

    /** There is room for batches. */
    void onRoom();

    /** Nothing will be sent any more. */
    void onEnd(ProducerEnd end);
  }

  private enum Phase {
    /** {@code open} was sent; the answer is awaited. */
    OPENING,
    /** Batches may be sent. */
    OPEN,
    /** Everything is acked and the stream half-closed; its end is awaited. */
    FINISHING,
    /** There is no stream; a timer will open the next. */
    WAITING,
    /** For good. */
    ENDED
  }

  private record Unacked(SampleBatch batch, long observations) {}

  private final ManagedChannel channel;
  private final StreamOptions options;
  private final SerialLoop loop;
  private final SeriesTable series;
  private final Owner owner;
  private final ProducerListener listener;
  private final Backoff backoff;

  private final ArrayDeque<Unacked> unacked = new ArrayDeque<>();
  // Written by the loop, read by anybody.
  private final Map<SampleRejection.Reason, Long> rejected = new ConcurrentHashMap<>();
  private final LongAdder connections = new LongAdder();
  private final LongAdder ackedBatches = new LongAdder();
  private final LongAdder ackedObservations = new LongAdder();
  private final LongAdder unackedObservations = new LongAdder();

  private Phase phase = Phase.WAITING;
  private @Nullable Connection connection;
  private @Nullable StreamOpened opened;
  private boolean finishing;
  private long nextSequence = 1;
  private long ackedThrough;
  private long sentThrough;
  private int declaredOnStream;
  private int gapsInARow;
  private long awaitingSinceNanos;
  private boolean awaiting;

  SampleStream(
      ManagedChannel channel,
      StreamOptions options,
      SerialLoop loop,
      SeriesTable series,
      Owner owner,
      ProducerListener listener) {
    this.channel = channel;
    this.options = options;
    this.loop = loop;
    this.series = series;
    this.owner = owner;
    this.listener = listener;
    this.backoff =
        new Backoff(options.firstBackoff(), options.greatestBackoff(), ThreadLocalRandom.current());
    loop.every(options.answerTimeout().dividedBy(4), this::watch);
  }

  /** Opens a stream; also called by the timer after a disconnection. */
  void connect() {
    if (phase != Phase.WAITING) {
      return;
    }
    phase = Phase.OPENING;
    connections.increment();
    startAwaiting();
    // Without this the channel itself would wait for up to two minutes after a longer outage.
    channel.resetConnectBackoff();
    connection = new Connection();
    JudgeGrpc.newStub(channel).streamSamples(connection);
    connection.send(
        StreamSamplesRequest.newBuilder()
            .setOpen(
                StreamOpen.newBuilder()
                    .setAnalysisRun(options.run())
                    .setProducer(options.producer()))
            .build());
  }

  /** How many batches may be added now: 0 while disconnected, slowed down, or out of credit. */
  int room() {
    if (phase != Phase.OPEN || opened == null || connection == null || !connection.isReady()) {
      return 0;
    }
    int credit = Math.min(options.maxUnackedBatches(), opened.getMaxUnackedBatches());
    return Math.max(0, credit - unacked.size());
  }

  /** What the judge said at the last opening; null before the first. */
  @Nullable StreamOpened opened() {
    return opened;
  }

  /** Takes the next batch, without sequence and series. Only while there is {@link #room}. */
  void add(SampleBatch.Builder batch, long observations) {
    unacked.add(new Unacked(batch.setSequence(nextSequence).build(), observations));
    unackedObservations.add(observations);
    nextSequence++;
    send();
  }

  /** No more batches come: ends the stream when all are acked. */
  void finish() {
    finishing = true;
    finishIfAllAcked();
  }

  /** Ends at once; unacked batches are left to their fate. */
  void abort() {
    end(new ProducerEnd.Closed(false));
  }

  boolean hasEnded() {
    return phase == Phase.ENDED;
  }

  /** What became of what was added, joined with what never got here. From any thread. */
  ProducerStats stats(long recorded, long pending, Map<UnsentReason, Long> unsent) {
    return new ProducerStats(
        recorded,
        pending,
        unackedObservations.sum(),
        ackedObservations.sum(),
        unsent,
        rejected,
        ackedBatches.sum(),
        connections.sum());
  }

  private void send() {
    if (phase != Phase.OPEN || connection == null) {
      return;
    }
    for (Unacked next : unacked) {
      long sequence = next.batch().getSequence();
      if (sequence <= sentThrough) {
        continue;
      }
      if (!connection.isReady()) {
        return;
      }
      var declarations = series.after(declaredOnStream);
      SampleBatch batch = next.batch();
      if (!declarations.isEmpty()) {
        batch = batch.toBuilder().addAllSeries(declarations).build();
        declaredOnStream += declarations.size();
      }
      if (!awaiting) {
        startAwaiting();
      }
      connection.send(StreamSamplesRequest.newBuilder().setBatch(batch).build());
      sentThrough = sequence;
    }
  }

  private void onOpened(StreamOpened answer) {
    long committed = answer.getCommittedSequence();
    if (committed < ackedThrough) {
      end(
          new ProducerEnd.Refused(
              "the judge acked batch %d of producer %s and now knows %d: it lost committed data"
                  .formatted(ackedThrough, options.producer(), committed)));
      return;
    }
    if (committed >= nextSequence) {
      end(
          new ProducerEnd.Refused(
              ("producer: %s was used before in this run, up to batch %d (expected: an identity of"
                      + " its own for each process)")
                  .formatted(options.producer(), committed)));
      return;
    }
    opened = answer;
    owner.onOpened(answer);
    phase = Phase.OPEN;
    declaredOnStream = 0;
    sentThrough = committed;
    awaiting = false;
    removeAcked(committed);
    send();
    afterAck();
  }

  private void onAck(StreamAck ack) {
    if (ack.getCommittedSequence() >= nextSequence) {
      end(
          new ProducerEnd.Refused(
              "the judge acked batch %d, which was never sent"
                  .formatted(ack.getCommittedSequence())));
      return;
    }
    for (SampleRejection rejection : ack.getRejectionsList()) {
      rejected.merge(rejection.getReason(), rejection.getRejectedSampleCount(), Long::sum);
      loop.tell(() -> listener.onRejected(rejection));
    }
    if (removeAcked(ack.getCommittedSequence())) {
      backoff.reset();
      gapsInARow = 0;
      awaiting = false;
      if (!unacked.isEmpty()) {
        startAwaiting();
      }
    }
    send();
    afterAck();
  }

  private void afterAck() {
    if (finishing) {
      finishIfAllAcked();
    }
    if (room() > 0) {
      owner.onRoom();
    }
  }

  private boolean removeAcked(long committed) {
    long before = ackedThrough;
    while (!unacked.isEmpty() && unacked.element().batch().getSequence() <= committed) {
      long observations = unacked.remove().observations();
      unackedObservations.add(-observations);
      ackedObservations.add(observations);
      ackedBatches.increment();
    }
    ackedThrough = Math.max(ackedThrough, committed);
    // The judge may have committed, meanwhile, what an earlier stream had sent.
    sentThrough = Math.max(sentThrough, committed);
    return ackedThrough > before;
  }

  private void finishIfAllAcked() {
    if (!unacked.isEmpty() || phase == Phase.ENDED) {
      return;
    }
    if (phase == Phase.OPEN && connection != null) {
      phase = Phase.FINISHING;
      startAwaiting();
      connection.halfClose();
    } else if (phase != Phase.FINISHING) {
      end(new ProducerEnd.Closed(true));
    }
  }

  private void onClosed(@Nullable Throwable error) {
    connection = null;
    awaiting = false;
    if (phase == Phase.FINISHING) {
      // Whatever the status: everything was acked before the half-close.
      end(new ProducerEnd.Closed(true));
      return;
    }
    phase = Phase.WAITING;
    if (error == null) {
      error = Status.UNAVAILABLE.withDescription("the judge ended the stream").asException();
    }
    JudgeCallException cause = JudgeCallException.of(error);
    if (cause.reason().equals("RUN_CLOSED")) {
      end(new ProducerEnd.RunClosed(String.valueOf(cause.getMessage())));
    } else if (cause.mayPass() || (cause.reason().equals("SEQUENCE_GAP") && ++gapsInARow <= 3)) {
      // After a gap, the next opening tells where to go on.
      reconnectLater(cause);
    } else {
      end(new ProducerEnd.Refused(String.valueOf(cause.getMessage())));
    }
  }

  private void reconnectLater(JudgeCallException cause) {
    long millis = Math.max(backoff.nextMillis(), cause.retryAfter().toMillis());
    loop.tell(() -> listener.onDisconnected(cause, Duration.ofMillis(millis)));
    loop.after(millis, this::connect);
    if (finishing) {
      finishIfAllAcked();
    }
  }

  /** Takes a connection for dead that owes an answer for too long. */
  private void watch() {
    if (awaiting
        && System.nanoTime() - awaitingSinceNanos > options.answerTimeout().toNanos()
        && connection != null) {
      Connection dead = connection;
      onClosed(
          Status.DEADLINE_EXCEEDED
              .withDescription("no answer for " + options.answerTimeout())
              .asException());
      dead.cancel();
    }
  }

  private void startAwaiting() {
    awaiting = true;
    awaitingSinceNanos = System.nanoTime();
  }

  private void end(ProducerEnd end) {
    if (phase == Phase.ENDED) {
      return;
    }
    phase = Phase.ENDED;
    if (connection != null) {
      connection.cancel();
      connection = null;
    }
    owner.onEnd(end);
  }

  /** One gRPC stream. Moves what it hears to the loop, where the present connection is known. */
  private final class Connection
      implements ClientResponseObserver<StreamSamplesRequest, StreamSamplesResponse> {

    private @Nullable ClientCallStreamObserver<StreamSamplesRequest> call;

    @Override
    public void beforeStart(ClientCallStreamObserver<StreamSamplesRequest> call) {
      this.call = call;
      call.setOnReadyHandler(
          () ->
              post(
                  () -> {
                    SampleStream.this.send();
                    if (room() > 0) {
                      owner.onRoom();
                    }
                  }));
    }

    @Override
    public void onNext(StreamSamplesResponse answer) {
      post(
          () -> {
            switch (answer.getFrameCase()) {
              case OPENED -> onOpened(answer.getOpened());
              case ACK -> onAck(answer.getAck());
              case FRAME_NOT_SET -> {
                // A frame of a later version of the protocol: ignored by its rules.
              }
            }
          });
    }

    @Override
    public void onError(Throwable error) {
      post(() -> onClosed(error));
    }

    @Override
    public void onCompleted() {
      post(() -> onClosed(null));
    }

    boolean isReady() {
      return call != null && call.isReady();
    }

    void send(StreamSamplesRequest message) {
      if (call != null) {
        call.onNext(message);
      }
    }

    void halfClose() {
      if (call != null) {
        call.onCompleted();
      }
    }

    void cancel() {
      if (call != null) {
        call.cancel("the client is done with this stream", null);
      }
    }

    private void post(Runnable event) {
      loop.run(
          () -> {
            if (connection == this) {
              event.run();
            }
          });
    }
  }
}
