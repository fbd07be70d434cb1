package io.canaryjudge.server.ingest.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.proto.v1.SampleRejection;
import io.canaryjudge.proto.v1.StreamAck;
import io.canaryjudge.proto.v1.StreamOpen;
import io.canaryjudge.proto.v1.StreamOpened;
import io.canaryjudge.proto.v1.StreamSamplesRequest;
import io.canaryjudge.proto.v1.StreamSamplesResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A client of StreamSamples that does what a test says, also what no sane client does. */
final class WireStream
    implements ClientResponseObserver<StreamSamplesRequest, StreamSamplesResponse> {

  private final CompletableFuture<StreamOpened> opened = new CompletableFuture<>();
  private final CompletableFuture<Status> ended = new CompletableFuture<>();
  private final CompletableFuture<Throwable> error = new CompletableFuture<>();
  private final List<SampleRejection> rejections = new ArrayList<>();
  private final List<Long> acks = new ArrayList<>();
  private ClientCallStreamObserver<StreamSamplesRequest> requests;

  /** Begins a call and sends nothing. */
  static WireStream begin(Channel channel) {
    WireStream stream = new WireStream();
    var unused = JudgeGrpc.newStub(channel).streamSamples(stream);
    assertThat(unused).isNotNull();
    return stream;
  }

  /** Begins a call and opens the stream of a producer. */
  static WireStream open(Channel channel, String runId, String producer) {
    WireStream stream = begin(channel);
    stream.sendOpen("analysisRuns/" + runId, producer);
    return stream;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<StreamSamplesRequest> call) {
    requests = call;
  }

  @Override
  public void onNext(StreamSamplesResponse response) {
    switch (response.getFrameCase()) {
      case OPENED -> {
        assertThat(opened.complete(response.getOpened())).as("once").isTrue();
      }
      case ACK -> acked(response.getAck());
      case FRAME_NOT_SET -> throw new AssertionError("an empty response");
    }
  }

  private synchronized void acked(StreamAck ack) {
    acks.add(ack.getCommittedSequence());
    rejections.addAll(ack.getRejectionsList());
  }

  @Override
  public void onError(Throwable cause) {
    error.complete(cause);
    ended.complete(Status.fromThrowable(cause));
  }

  @Override
  public void onCompleted() {
    ended.complete(Status.OK);
  }

  void sendOpen(String run, String producer) {
    send(
        StreamSamplesRequest.newBuilder()
            .setOpen(StreamOpen.newBuilder().setAnalysisRun(run).setProducer(producer))
            .build());
  }

  void send(StreamSamplesRequest request) {
    requests.onNext(request);
  }

  void send(SampleBatch batch) {
    send(StreamSamplesRequest.newBuilder().setBatch(batch).build());
  }

  void send(SampleBatch.Builder batch) {
    send(batch.build());
  }

  boolean isReady() {
    return requests.isReady();
  }

  void halfClose() {
    requests.onCompleted();
  }

  /** Cuts the call, as a lost connection does. */
  void cut() {
    requests.cancel("cut", null);
  }

  StreamOpened opened() {
    try {
      return opened.get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("not opened; ended with " + ended.getNow(null), e);
    }
  }

  boolean hasEnded() {
    return ended.isDone();
  }

  Status ended() {
    try {
      return ended.get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("not ended", e);
    }
  }

  /** The error's reason constant, after its code was checked. */
  ErrorInfo endedWith(Status.Code code) {
    Status status = ended();
    assertThat(status.getCode()).as(status.toString()).isEqualTo(code);
    com.google.rpc.Status details = StatusProto.fromThrowable(error.join());
    assertThat(details).isNotNull();
    return details.getDetailsList().stream()
        .filter(any -> any.is(ErrorInfo.class))
        .map(
            any -> {
              try {
                return any.unpack(ErrorInfo.class);
              } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
              }
            })
        .findFirst()
        .orElseThrow();
  }

  synchronized long acked() {
    return acks.isEmpty() ? 0 : acks.getLast();
  }

  synchronized List<Long> acks() {
    return List.copyOf(acks);
  }

  synchronized List<SampleRejection> rejections() {
    return List.copyOf(rejections);
  }

  void awaitAck(long sequence) {
    Awaitility.await()
        .pollInterval(1, TimeUnit.MILLISECONDS)
        .atMost(20, TimeUnit.SECONDS)
        .failFast("ended", this::hasEndedBadly)
        .until(() -> acked() >= sequence);
  }

  private boolean hasEndedBadly() {
    return ended.isDone() && !ended.join().isOk();
  }
}
