package io.canaryjudge.bench;

import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.SampleRejection;
import io.canaryjudge.proto.v1.StreamAck;
import io.canaryjudge.proto.v1.StreamOpen;
import io.canaryjudge.proto.v1.StreamSamplesRequest;
import io.canaryjudge.proto.v1.StreamSamplesResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One stream that sends as fast as it may: while the transport is ready and no more batches are
 * unacknowledged than the server allows; or slower, see {@link #allow}. Runs on the threads of the
 * transport.
 */
final class LoadStream extends ClientCall.Listener<StreamSamplesResponse> {

  private static final MethodDescriptor<byte[], StreamSamplesResponse> METHOD =
      JudgeGrpc.getStreamSamplesMethod().toBuilder(
              new BytesMarshaller(), JudgeGrpc.getStreamSamplesMethod().getResponseMarshaller())
          .build();

  private final ClientCall<byte[], StreamSamplesResponse> call;
  private final LongFunction<byte @Nullable []> messages;
  private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile boolean stopping;
  private volatile long allowed = Long.MAX_VALUE;

  // Of the call's callbacks, which come one at a time.
  private int maxUnacked;
  private long sent;
  private long acked;
  private boolean exhausted;
  private boolean halfClosed;

  /**
   * Opens a stream, and begins to send when the server has answered.
   *
   * @param messages the serialised message of a sequence, from 1; null if there is none any more
   */
  LoadStream(
      Channel channel, String run, String producer, LongFunction<byte @Nullable []> messages) {
    this.messages = messages;
    this.call = channel.newCall(METHOD, CallOptions.DEFAULT);
    StreamOpen open = StreamOpen.newBuilder().setAnalysisRun(run).setProducer(producer).build();
    synchronized (this) { // a call takes one message at a time, and its callbacks send too
      call.start(this, new Metadata());
      call.request(Integer.MAX_VALUE);
      call.sendMessage(StreamSamplesRequest.newBuilder().setOpen(open).build().toByteArray());
    }
  }

  /** Sends batches up to a sequence, and the next ones when that is raised. */
  void allow(long sequence) {
    allowed = sequence;
    pump();
  }

  /** Sends no more; the stream ends when all is acknowledged. */
  void stop() {
    stopping = true;
  }

  /** Completed when the messages are exhausted and all of them are acknowledged. */
  CompletableFuture<Void> caughtUp() {
    return caughtUp;
  }

  /** Completed when the stream has ended; exceptionally if not all was acknowledged by then. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  @Override
  public void onReady() {
    pump();
  }

  @Override
  public void onMessage(StreamSamplesResponse response) {
    switch (response.getFrameCase()) {
      case OPENED -> maxUnacked = response.getOpened().getMaxUnackedBatches();
      case ACK -> ack(response.getAck());
      case FRAME_NOT_SET -> throw new IllegalStateException("frame: not set");
    }
    pump();
  }

  private void ack(StreamAck ack) {
    if (ack.getRejectionsCount() > 0) {
      SampleRejection first = ack.getRejections(0);
      call.cancel("samples were refused: " + first.getReason() + " " + first.getExample(), null);
    }
    acked = ack.getCommittedSequence();
    if (exhausted && acked == sent) {
      caughtUp.complete(null);
    }
  }

  private synchronized void pump() {
    while (!stopping
        && !exhausted
        && sent < allowed
        && sent - acked < maxUnacked
        && call.isReady()) {
      byte[] message = messages.apply(sent + 1);
      if (message == null) {
        exhausted = true;
      } else {
        sent++;
        call.sendMessage(message);
      }
    }
    if (stopping && !halfClosed) {
      halfClosed = true;
      call.halfClose();
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    if (status.isOk() && acked == sent) {
      ended.complete(null);
    } else {
      IllegalStateException failure =
          new IllegalStateException("acked " + acked + " of " + sent + " batches: " + status);
      ended.completeExceptionally(failure);
      caughtUp.completeExceptionally(failure);
    }
  }
}
