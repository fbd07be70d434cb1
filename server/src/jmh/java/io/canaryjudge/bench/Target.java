package io.canaryjudge.bench;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.CancelAnalysisRunRequest;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.Retrospective;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Connections to a server, and the calls that a benchmark makes beside its load. */
final class Target implements AutoCloseable {

  private final List<ManagedChannel> channels = new ArrayList<>();

  /** Connects so many times. */
  Target(int port, int connections) {
    for (int i = 0; i < connections; i++) {
      channels.add(
          NettyChannelBuilder.forAddress("127.0.0.1", port)
              .usePlaintext()
              // The load is made on the transport's threads, without a hand over for each message.
              .directExecutor()
              .disableRetry()
              .build());
    }
  }

  ManagedChannel channel(int index) {
    return channels.get(index % channels.size());
  }

  JudgeGrpc.JudgeBlockingStub judge() {
    return JudgeGrpc.newBlockingStub(channels.getFirst());
  }

  /** Creates a live run under the preset {@code standard} and returns its name. */
  String createLive() {
    return create(run());
  }

  /** As {@link #createLive}, for records that begin at a time. */
  String createRetrospective(long startMillis) {
    return create(
        run()
            .setRetrospective(
                Retrospective.newBuilder().setStartTime(Timestamps.fromMillis(startMillis))));
  }

  private static AnalysisRun.Builder run() {
    return AnalysisRun.newBuilder()
        .setService("bench")
        .setBaselineVersion("1")
        .setCanaryVersion("2")
        .setPolicy("policies/standard");
  }

  private String create(AnalysisRun.Builder run) {
    return judge()
        .createAnalysisRun(
            CreateAnalysisRunRequest.newBuilder()
                .setAnalysisRun(run)
                .setRequestId(UUID.randomUUID().toString())
                .build())
        .getAnalysisRun()
        .getName();
  }

  void cancel(String run) {
    judge()
        .cancelAnalysisRun(
            CancelAnalysisRunRequest.newBuilder()
                .setName(run)
                .setAuthor("bench")
                .setReason("measured")
                .build());
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
