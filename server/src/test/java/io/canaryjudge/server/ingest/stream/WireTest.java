package io.canaryjudge.server.ingest.stream;

import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.DistributionSample;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.ProportionSample;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.proto.v1.SeriesDeclaration;
import io.canaryjudge.proto.v1.StreamSamplesRequest;
import io.canaryjudge.proto.v1.StreamSamplesResponse;
import io.canaryjudge.server.api.GrpcErrors;
import io.canaryjudge.server.run.RunHarness;
import io.canaryjudge.server.run.RunSettings;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The door with real gRPC in front and a real database behind; the test owns the time. */
abstract class WireTest {

  @TempDir Path directory;

  RunHarness harness;
  ManagedChannel channel;
  private Server server;

  /** Whether messages go over a socket. */
  boolean overTcp() {
    return false;
  }

  RunSettings settings() {
    return RunSettings.DEFAULTS;
  }

  @BeforeEach
  final void startServer() throws IOException {
    harness = new RunHarness(directory, settings());
    Service service = new Service();
    if (overTcp()) {
      InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      server =
          NettyServerBuilder.forAddress(any).directExecutor().addService(service).build().start();
      channel =
          NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    } else {
      String name = InProcessServerBuilder.generateName();
      server =
          InProcessServerBuilder.forName(name).directExecutor().addService(service).build().start();
      channel = InProcessChannelBuilder.forName(name).build();
    }
  }

  @AfterEach
  final void stopServer() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow();
    channel.awaitTermination(10, TimeUnit.SECONDS);
    server.awaitTermination(10, TimeUnit.SECONDS);
    harness.close();
  }

  private final class Service extends JudgeGrpc.JudgeImplBase {
    @Override
    public StreamObserver<StreamSamplesRequest> streamSamples(
        StreamObserver<StreamSamplesResponse> responses) {
      return new SampleStreamHandler(harness.runs, harness.samples, GrpcErrors::toStatus)
          .stream(responses);
    }
  }

  /** Lets rounds go by until something holds. */
  void roundsUntil(BooleanSupplier condition) {
    Awaitility.await()
        .pollInterval(1, TimeUnit.MILLISECONDS)
        .atMost(30, TimeUnit.SECONDS)
        .until(
            () -> {
              harness.round();
              return condition.getAsBoolean();
            });
  }

  /** A batch that declares nothing. */
  static SampleBatch.Builder batch(long sequence) {
    return SampleBatch.newBuilder().setSequence(sequence);
  }

  /** A batch that declares 1: baseline errors, 2: canary errors, 3: canary latency. */
  static SampleBatch.Builder declaring(long sequence) {
    return batch(sequence)
        .addSeries(series(1, Arm.ARM_BASELINE, "b1", "error_rate"))
        .addSeries(series(2, Arm.ARM_CANARY, "c1", "error_rate"))
        .addSeries(series(3, Arm.ARM_CANARY, "c1", "latency"));
  }

  static SeriesDeclaration series(int id, Arm arm, String instance, String metric) {
    return SeriesDeclaration.newBuilder()
        .setSeriesId(id)
        .setArm(arm)
        .setInstance(instance)
        .setMetric(metric)
        .build();
  }

  static ProportionSample counts(int series, long timeMillis, long total, long failures) {
    return ProportionSample.newBuilder()
        .setSeriesId(series)
        .setTimeMillis(timeMillis)
        .setTotalCount(total)
        .setFailureCount(failures)
        .build();
  }

  static DistributionSample values(int series, long timeMillis, double... values) {
    DistributionSample.Builder sample =
        DistributionSample.newBuilder().setSeriesId(series).setTimeMillis(timeMillis);
    for (double value : values) {
      sample.addValues(value);
    }
    return sample.build();
  }
}
