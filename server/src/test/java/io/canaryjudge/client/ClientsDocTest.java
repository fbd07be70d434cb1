package io.canaryjudge.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.canaryjudge.client.FakeJudge.Sum;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.Retrospective;
import io.canaryjudge.proto.v1.Verdict;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The code in docs/clients.md is the code that is compiled and run here. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClientsDocTest {

  private static final Path DOC = Path.of("../docs/clients.md");
  private static final Path SOURCE =
      Path.of("src/test/java/io/canaryjudge/client/ClientsDocTest.java");

  private final FakeJudge fake = new FakeJudge();
  private Server server;
  private String judgeAddress;

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(fake)
            .build()
            .start();
    judgeAddress = "127.0.0.1:" + server.getPort();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
    assertThat(fake.problems()).isEmpty();
  }

  @Test
  void everyJavaBlockOfTheDocIsInThisFile() throws IOException {
    String source = withoutIndentation(Files.readString(SOURCE));
    List<String> blocks =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(DOC))
            .results()
            .map(block -> withoutIndentation(block.group(1)))
            .toList();
    assertThat(blocks).hasSize(4);
    assertThat(blocks).allSatisfy(block -> assertThat(source).contains(block));
  }

  private static String withoutIndentation(String code) {
    return code.replaceAll("(?m)^[ ]+", "");
  }

  @Test
  void sendsSamples() {
    String run = "analysisRuns/r1";
    int status = 503;
    double seconds = 0.25;
    ManagedChannel channel = JudgeChannel.to(judgeAddress).open();
    SampleProducer producer = SampleProducer.builder(channel, run).start();
    ProportionSeries errors = producer.proportion(Arm.ARM_CANARY, "pod-7", "error_rate");
    DistributionSeries latency = producer.distribution(Arm.ARM_CANARY, "pod-7", "latency");

    // For each request, on whatever thread served it:
    errors.record(status >= 500);
    latency.record(seconds);

    // At the end. What was recorded is sent, and acked: durable.
    producer.close();
    channel.shutdownNow();
    assertThat(fake.sums())
        .containsEntry("canary pod-7 error_rate", new Sum(1, 1))
        .containsEntry("canary pod-7 latency", new Sum(1, 0));
  }

  @Test
  void waitsForTheVerdict() throws InterruptedException {
    fake.watch(
        Verdict.newBuilder()
            .setRevision(1)
            .setDecision(Decision.DECISION_GO)
            .setTerminal(true)
            .build(),
        Status.OK);
    ManagedChannel channel = JudgeChannel.to(judgeAddress).open();
    JudgeClient judge = new JudgeClient(channel);
    AnalysisRun opened =
        judge.createRun(
            AnalysisRun.newBuilder()
                .setService("checkout")
                .setBaselineVersion("1.4.1")
                .setCanaryVersion("1.4.2")
                .setPolicy("policies/standard")
                .build(),
            UUID.randomUUID());
    WaitOutcome outcome =
        judge.awaitVerdict(opened.getName(), Duration.ofMinutes(20), verdict -> {});
    boolean promote =
        outcome instanceof WaitOutcome.Decided(Verdict verdict)
            && verdict.getDecision() == Decision.DECISION_GO;
    channel.shutdownNow();
    assertThat(promote).isTrue();
  }

  @Test
  void sendsRecordedSamples() throws InterruptedException {
    Timestamp start = Timestamp.newBuilder().setSeconds(1_700_000_000).build();
    Iterator<RecordedSample> samples =
        List.<RecordedSample>of(
                new RecordedSample.Proportion(
                    SeriesSpec.of(Arm.ARM_CANARY, "pod-7", "error_rate"),
                    1_700_000_000_000L,
                    10,
                    1))
            .iterator();
    ManagedChannel channel = JudgeChannel.to(judgeAddress).open();
    JudgeClient judge = new JudgeClient(channel);
    AnalysisRun records =
        judge.createRun(
            AnalysisRun.newBuilder()
                .setService("checkout")
                .setBaselineVersion("1.4.1")
                .setCanaryVersion("1.4.2")
                .setPolicy("policies/standard")
                .setRetrospective(Retrospective.newBuilder().setStartTime(start))
                .build(),
            UUID.randomUUID());
    var sent = new RecordedSampleSender(channel, records.getName()).send(samples);
    channel.shutdownNow();
    assertThat(sent.end()).isEqualTo(new ProducerEnd.Closed(true));
    assertThat(fake.sawLast()).isTrue();
  }

  @Test
  void opensASecuredChannel() {
    String token = "secret";
    ManagedChannel secured =
        JudgeChannel.to("judge.example:9090").tls().bearerToken(() -> token).open();
    assertThat(secured.authority()).isEqualTo("judge.example:9090");
    secured.shutdownNow();
  }
}
