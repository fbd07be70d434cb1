package io.canaryjudge.server.ingest.stream;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.proto.v1.StreamAck;
import io.canaryjudge.proto.v1.StreamOpen;
import io.canaryjudge.proto.v1.StreamOpened;
import io.canaryjudge.proto.v1.StreamSamplesRequest;
import io.canaryjudge.proto.v1.StreamSamplesResponse;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.IngestListener;
import io.canaryjudge.server.run.IngestSession;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.Rejection;
import io.canaryjudge.server.run.RunTerms;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.run.SampleAccounting;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of {@code StreamSamples}.
 *
 * <p>Two threads use it: that of the transport, which brings the client's messages, and that of the
 * run's owner, which tells what is durable. Only what is sent is shared, and guarded by this
 * object's monitor. The client's next message is asked for when the run has room for it and the
 * client reads what it is told.
 */
final class SampleStream implements StreamObserver<StreamSamplesRequest>, IngestListener {

  private static final Logger logger = LoggerFactory.getLogger(SampleStream.class);
  private static final String RUN_PREFIX = "analysisRuns/";
  private static final Pattern PRODUCER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

  private final Runs runs;
  private final ServerCallStreamObserver<StreamSamplesResponse> call;
  private final SampleAccounting accounting;
  private final Function<JudgeException, Throwable> errors;

  // Of the transport's thread.
  private boolean opening;
  private @Nullable SeriesTable table;
  private @Nullable SampleValidator validator;

  // Of both threads.
  private final AtomicBoolean paused = new AtomicBoolean();
  private volatile @Nullable IngestSession session;
  private volatile boolean halfClosed;
  private boolean done;
  private long heldSequence = -1;
  private List<Rejection> heldRejections = new ArrayList<>();

  SampleStream(
      Runs runs,
      ServerCallStreamObserver<StreamSamplesResponse> call,
      SampleAccounting accounting,
      Function<JudgeException, Throwable> errors) {
    this.runs = runs;
    this.call = call;
    this.accounting = accounting;
    this.errors = errors;
  }

  void begin() {
    call.disableAutoRequest();
    call.setOnCancelHandler(this::abandon);
    call.setOnReadyHandler(this::sendHeld);
    call.request(1);
  }

  // From the client.

  @Override
  public void onNext(StreamSamplesRequest request) {
    try {
      switch (request.getFrameCase()) {
        case OPEN -> open(request.getOpen());
        case BATCH -> take(request.getBatch());
        case FRAME_NOT_SET ->
            throw JudgeException.invalidField("frame", "nothing that is known", "open or batch");
      }
    } catch (JudgeException e) {
      abandon();
      fail(e);
    } catch (RuntimeException e) {
      logger.error("A message of StreamSamples could not be handled", e);
      abandon();
      fail(JudgeException.of(ErrorReason.INTERNAL, "A defect of the server.").causedBy(e));
    }
  }

  @Override
  public void onError(Throwable cause) {
    abandon();
  }

  @Override
  public void onCompleted() {
    halfClosed = true;
    IngestSession open = session;
    if (open != null) {
      open.halfClose();
    } else if (!opening) {
      fail(JudgeException.invalidField("frame", "the end of the stream", "open first"));
    }
  }

  private void open(StreamOpen open) {
    if (opening) {
      throw JudgeException.invalidField("frame", "open again", "batch");
    }
    String name = open.getAnalysisRun();
    if (!name.startsWith(RUN_PREFIX) || name.length() == RUN_PREFIX.length()) {
      throw JudgeException.invalidField("open.analysis_run", name, "analysisRuns/{analysis_run}");
    }
    if (!PRODUCER.matcher(open.getProducer()).matches()) {
      throw JudgeException.invalidField("open.producer", open.getProducer(), PRODUCER.pattern());
    }
    opening = true;
    runs.openStream(name.substring(RUN_PREFIX.length()), open.getProducer(), Door.GRPC, this);
  }

  private void take(SampleBatch batch) {
    long count = (long) batch.getProportionsCount() + batch.getDistributionsCount();
    IngestSession open = session;
    if (open == null) {
      if (count > 0) {
        accounting.received(Door.GRPC, count);
        accounting.rejected(Door.GRPC, Refusal.STREAM_ENDED, count);
      }
      throw JudgeException.invalidField("frame", "batch", "open first");
    }
    SeriesTable series = table;
    SampleValidator samples = validator;
    if (series == null || samples == null) {
      series = new SeriesTable(open);
      samples = new SampleValidator(series);
      table = series;
      validator = samples;
    }
    if (count > open.limits().maxSamplesPerBatch()) {
      open.refuseBatch(count);
      throw tooLarge(count, open.limits().maxSamplesPerBatch());
    }
    try {
      series.declare(batch.getSeriesList());
    } catch (JudgeException e) {
      open.refuseBatch(count);
      throw e;
    }
    SampleValidator checks = samples;
    IngestSession.Outcome outcome =
        open.offer(
            batch.getSequence(),
            count,
            batch.getWatermarkMillis(),
            batch.getLast(),
            sink -> checks.check(batch, sink));
    switch (outcome) {
      case TAKEN -> {}
      case REPEATED -> {
        long committed = open.committedSequence();
        if (batch.getSequence() <= committed) {
          send(committed, List.of());
        }
      }
      case ENDED -> {
        return;
      }
    }
    readOnOrPause(open);
  }

  private static JudgeException tooLarge(long samples, int most) {
    return JudgeException.of(
            ErrorReason.LIMIT_REACHED,
            "batch: " + samples + " samples (expected: at most " + most + ")")
        .with("max_samples_per_batch", Integer.toString(most));
  }

  // From the owner of the run.

  @Override
  public void opened(IngestSession opened, long committedSequence) {
    session = opened;
    if (call.isCancelled()) {
      opened.abandon();
      return;
    }
    RunTerms terms = opened.terms();
    StreamOpened answer =
        StreamOpened.newBuilder()
            .setCommittedSequence(committedSequence)
            .setMaxUnackedBatches(opened.limits().maxUnackedBatches())
            .setMaxSamplesPerBatch(opened.limits().maxSamplesPerBatch())
            .setMaxSeries(opened.limits().maxSeriesPerStream())
            .setStartTime(Timestamps.fromMillis(terms.startMillis()))
            .setWindowMillis(terms.windowMillis())
            .build();
    synchronized (this) {
      if (done) {
        return;
      }
      call.onNext(StreamSamplesResponse.newBuilder().setOpened(answer).build());
    }
    if (halfClosed) {
      opened.halfClose();
    } else {
      call.request(1);
    }
  }

  @Override
  public void acked(long committedSequence, List<Rejection> rejections) {
    send(committedSequence, rejections);
    readOnIfPaused();
  }

  @Override
  public void readOn() {
    readOnIfPaused();
  }

  @Override
  public synchronized void finished() {
    if (!done) {
      done = true;
      sendNow();
      call.onCompleted();
    }
  }

  @Override
  public void ended(JudgeException reason) {
    fail(reason);
  }

  // To the client.

  private void readOnOrPause(IngestSession open) {
    if (mayRead(open)) {
      call.request(1);
    } else {
      paused.set(true);
      readOnIfPaused(); // what it waits for may have come in between
    }
  }

  private void readOnIfPaused() {
    IngestSession open = session;
    if (open != null && paused.get() && mayRead(open) && paused.compareAndSet(true, false)) {
      call.request(1);
    }
  }

  private boolean mayRead(IngestSession open) {
    if (!open.wantsMore()) {
      return false;
    }
    synchronized (this) {
      return heldSequence < 0 && !done;
    }
  }

  /** Sends an ack, or holds it back for a client that does not read; acks are cumulative. */
  private synchronized void send(long committedSequence, List<Rejection> rejections) {
    if (done) {
      return;
    }
    heldSequence = Math.max(heldSequence, committedSequence);
    heldRejections.addAll(rejections);
    if (call.isReady()) {
      sendNow();
    }
  }

  private void sendHeld() {
    synchronized (this) {
      if (!done) {
        sendNow();
      }
    }
    readOnIfPaused();
  }

  private void sendNow() {
    if (heldSequence < 0) {
      return;
    }
    StreamAck.Builder ack = StreamAck.newBuilder().setCommittedSequence(heldSequence);
    for (Rejection rejection : heldRejections) {
      ack.addRejections(WireRejections.of(rejection));
    }
    heldSequence = -1;
    heldRejections = new ArrayList<>();
    call.onNext(StreamSamplesResponse.newBuilder().setAck(ack).build());
  }

  private synchronized void fail(JudgeException reason) {
    if (!done) {
      done = true;
      sendNow();
      call.onError(errors.apply(reason));
    }
  }

  private void abandon() {
    IngestSession open = session;
    if (open != null) {
      open.abandon();
    }
  }
}
