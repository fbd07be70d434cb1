package io.canaryjudge.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.canaryjudge.client.FakeJudge.Sum;
import io.canaryjudge.proto.v1.Arm;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The producer over real sockets, with a judge that goes away and comes back at the same port. */
class RestartTest {

  private static Server serve(FakeJudge judge, int port) throws IOException {
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .addService(judge)
        .build()
        .start();
  }

  @Test
  @Timeout(60)
  void everythingIsCountedOnceAcrossRestarts() throws Exception {
    var judge = new FakeJudge();
    Server server = serve(judge, 0);
    int port = server.getPort();
    var nowMillis = new AtomicLong(2_000_000);
    var channel = JudgeChannel.to("127.0.0.1:" + port).open();
    var producer =
        SampleProducer.builder(channel, "analysisRuns/r1")
            .clock(() -> Instant.ofEpochMilli(nowMillis.get()))
            .flushInterval(Duration.ofMillis(2))
            .backoff(Duration.ofMillis(1), Duration.ofMillis(20))
            .start();
    try {
      var errors = producer.proportion(Arm.ARM_CANARY, "pod-1", "error_rate");
      for (int restart = 0; restart < 5; restart++) {
        long before = judge.observations();
        errors.record(7, 1);
        await().until(() -> judge.observations() > before);
        // Some of these are under way when the server stops, some come while it is away.
        for (int i = 0; i < 50; i++) {
          nowMillis.addAndGet(100);
          errors.record(2, 1);
          producer.flush();
        }
        server.shutdownNow().awaitTermination(10, SECONDS);
        errors.record(3, 0);
        server = serve(judge, port);
      }
      assertThat(producer.close(Duration.ofSeconds(20))).isEqualTo(new ProducerEnd.Closed(true));
      assertThat(judge.sums())
          .isEqualTo(Map.of("canary pod-1 error_rate", new Sum(5 * 110, 5 * 51)));
      assertThat(producer.stats().connections()).isGreaterThanOrEqualTo(5);
      assertThat(judge.problems()).isEmpty();
    } finally {
      producer.close();
      channel.shutdownNow();
      server.shutdownNow();
    }
  }
}
