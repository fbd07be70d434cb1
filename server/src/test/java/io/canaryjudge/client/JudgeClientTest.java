package io.canaryjudge.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.client.FakeJudge.Fault;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.proto.v1.WatchVerdictRequest;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class JudgeClientTest {

  /** Longer than a busy machine takes for anything. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Long enough for an answer of this process, also of a busy machine. */
  private static final Duration SOON = Duration.ofSeconds(2);

  private static final Verdict WAIT = verdict(3, Decision.DECISION_WAIT, false);
  private static final Verdict GO = verdict(7, Decision.DECISION_GO, true);

  private final FakeJudge judge = new FakeJudge();
  private final List<Long> seen = new ArrayList<>();
  private Server server;
  private ManagedChannel channel;
  private JudgeClient client;

  private static Verdict verdict(long revision, Decision decision, boolean terminal) {
    return Verdict.newBuilder()
        .setRevision(revision)
        .setDecision(decision)
        .setTerminal(terminal)
        .build();
  }

  @BeforeEach
  void start() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).directExecutor().addService(judge).build();
    server.start();
    channel = InProcessChannelBuilder.forName(name).build();
    client = new JudgeClient(channel, PATIENCE, PATIENCE);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private WaitOutcome await(Duration timeout) throws InterruptedException {
    return client.awaitVerdict("analysisRuns/r1", timeout, v -> seen.add(v.getRevision()));
  }

  @Test
  void waitsForTheVerdictThatStands() throws InterruptedException {
    judge.watch(WAIT, null, GO, Status.OK);
    assertThat(await(PATIENCE)).isEqualTo(new WaitOutcome.Decided(GO));
    assertThat(seen).last().isEqualTo(7L);
  }

  @Test
  void resumesAfterTheLastRevisionWhenTheWatchBreaks() throws InterruptedException {
    judge
        .watch(WAIT, Status.UNAVAILABLE)
        .watch(Status.UNAVAILABLE)
        .watch(WAIT.toBuilder().setRevision(5).build(), Status.OK)
        .watch(GO, Status.OK);
    assertThat(await(PATIENCE)).isEqualTo(new WaitOutcome.Decided(GO));
    assertThat(judge.watches())
        .extracting(WatchVerdictRequest::getAfterRevision)
        .containsExactly(0L, 3L, 3L, 5L);
    assertThat(seen).containsExactly(3L, 5L, 7L);
  }

  @Test
  void takesASilentWatchForDead() throws InterruptedException {
    judge.watch(WAIT).watch(GO, Status.OK);
    client = new JudgeClient(channel, PATIENCE, Duration.ofSeconds(1));
    assertThat(await(PATIENCE)).isEqualTo(new WaitOutcome.Decided(GO));
    assertThat(judge.watches()).hasSize(2);
  }

  @Test
  void timesOutWithWhatItKnows() throws InterruptedException {
    judge.watch(WAIT);
    assertThat(await(SOON))
        .isInstanceOfSatisfying(
            WaitOutcome.TimedOut.class, outcome -> assertThat(outcome.newest()).contains(WAIT));
  }

  @Test
  void tellsAJudgeOutOfReachFromAJudgeThatWaits() throws InterruptedException {
    server.shutdownNow();
    assertThat(await(SOON))
        .isInstanceOfSatisfying(
            WaitOutcome.Unreachable.class,
            outcome -> {
              assertThat(outcome.newest()).isEmpty();
              assertThat(outcome.cause().code()).isEqualTo(Status.Code.UNAVAILABLE);
            });
  }

  @Test
  void aJudgeThatNeverAnswersIsOutOfReach() throws InterruptedException {
    assertThat(await(Duration.ofMillis(100))).isInstanceOf(WaitOutcome.Unreachable.class);
  }

  @Test
  void refusalIsThrownAtOnce() {
    judge.watch(FakeJudge.error(Status.Code.NOT_FOUND, "RUN_NOT_FOUND"));
    assertThatThrownBy(() -> await(PATIENCE))
        .isInstanceOfSatisfying(
            JudgeCallException.class,
            e -> {
              assertThat(e.reason()).isEqualTo("RUN_NOT_FOUND");
              assertThat(e).hasMessage("NOT_FOUND (RUN_NOT_FOUND): as told");
            });
  }

  @Test
  void createdOnceHoweverOftenTried() throws InterruptedException {
    judge.faults(message -> message < 3 ? Fault.CUT_AFTER : Fault.NONE);
    var run = AnalysisRun.newBuilder().setService("checkout").build();
    var id = UUID.randomUUID();
    assertThat(client.createRun(run, id).getName()).isEqualTo("analysisRuns/r0");
    assertThat(judge.createdRuns()).isEqualTo(1);
    assertThat(judge.messages()).isEqualTo(4);
  }

  @Test
  void givesUpCreatingAfterItsTimeout() {
    judge.faults(_ -> Fault.CUT_AFTER);
    var impatient = new JudgeClient(channel, Duration.ofMillis(50), Duration.ofSeconds(1));
    assertThatThrownBy(
            () -> impatient.createRun(AnalysisRun.getDefaultInstance(), UUID.randomUUID()))
        .isInstanceOfSatisfying(JudgeCallException.class, e -> assertThat(e.mayPass()).isTrue());
  }

  @Test
  void cancels() throws InterruptedException {
    assertThat(client.cancel("analysisRuns/r1", "ada", "wrong artifact").getState())
        .isEqualTo(AnalysisRun.State.STATE_CANCELLED);
  }
}
