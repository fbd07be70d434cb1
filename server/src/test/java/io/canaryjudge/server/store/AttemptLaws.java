package io.canaryjudge.server.store;

import static io.canaryjudge.server.store.StoreFixtures.audit;
import static io.canaryjudge.server.store.StoreFixtures.commit;
import static io.canaryjudge.server.store.StoreFixtures.newRun;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.RunState;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which attempt at its artifact a run is, on either database. */
abstract class AttemptLaws extends StoreTest {

  private JdbcRunStore store;

  @BeforeEach
  void openStore() {
    store = new JdbcRunStore(database);
  }

  private static RunRecord wanted(String id, String digest, String policy, boolean recorded) {
    return new RunRecord(
        id,
        "checkout",
        "1.0",
        "1.1",
        false,
        ArmSelection.DEFAULT,
        policy,
        1,
        "{}",
        "{}",
        new TreeMap<>(),
        digest,
        recorded,
        1,
        0,
        false,
        Long.parseLong(id.replaceAll("[^0-9]", "")),
        0,
        RunState.PENDING,
        0,
        Decision.WAIT,
        "",
        "",
        0,
        List.of());
  }

  private static RunRecord wanted(String id) {
    return wanted(id, "sha256:1", "standard", false);
  }

  private RunRecord create(RunRecord wanted) {
    return store.create(newRun(wanted));
  }

  private void end(String id, Decision decision) {
    store.commit(
        List.of(commit(id, 1).at(0, 0).status(RunState.COMPLETED, decision, 1_000).make()));
  }

  private void cancel(String id, boolean judgedAnything) {
    StoreFixtures.CommitOf commit =
        commit(id, 1).at(1, 1).status(RunState.CANCELLED, Decision.INCONCLUSIVE, 1_000);
    if (judgedAnything) {
      WindowAggregate window = new WindowAggregate();
      ((ProportionAggregate) window.at(0, Arm.CANARY, "c", MetricKind.PROPORTION)).add(1, 0);
      commit.entry(1, new LogEntry.WindowSealed(0, window));
    }
    store.commit(List.of(commit.make()));
  }

  @Test
  void attemptsAreCountedAndNamed() {
    RunRecord first = create(wanted("r1"));
    assertThat(first.attempt()).isEqualTo(1);
    assertThat(first.earlierAttempts()).isEmpty();
    end("r1", Decision.NO_GO);
    create(wanted("r2"));
    RunRecord third = create(wanted("r3"));
    assertThat(third.attempt()).isEqualTo(3);
    assertThat(third.earlierAttempts())
        .containsExactly(
            new EarlierAttempt("r2", 2, RunState.PENDING, Decision.WAIT),
            new EarlierAttempt("r1", 1, RunState.COMPLETED, Decision.NO_GO));
    assertThat(store.find("r3")).contains(third);
  }

  @Test
  void aRepeatOfTheRequestIsTheSameAttempt() {
    create(wanted("r1"));
    NewRun again = new NewRun("request-r1", "same", wanted("r9"), audit("run.create", "r9"));
    assertThat(store.create(again)).isEqualTo(store.find("r1").orElseThrow());
    assertThat(create(wanted("r2")).attempt()).isEqualTo(2);
  }

  @Test
  void withoutADigestNothingIsLinked() {
    create(wanted("r1", "", "standard", false));
    RunRecord second = create(wanted("r2", "", "standard", false));
    assertThat(second.attempt()).isZero();
    assertThat(second.earlierAttempts()).isEmpty();
  }

  @Test
  void anotherQuestionIsNoRetry() {
    create(wanted("r1"));
    assertThat(create(wanted("r2", "sha256:2", "standard", false)).attempt()).isEqualTo(1);
    assertThat(create(wanted("r3", "sha256:1", "bake", false)).attempt()).isEqualTo(1);
    assertThat(create(wanted("r4", "sha256:1", "standard", true)).attempt()).isEqualTo(1);
    assertThat(create(wanted("r5").in("staging")).attempt()).isEqualTo(1);
    assertThat(create(wanted("r6").in("staging")).attempt()).isEqualTo(2);
    assertThat(create(wanted("r7")).attempt()).isEqualTo(2);
  }

  @Test
  void countingBeginsAnewAfterAGo() {
    create(wanted("r1"));
    create(wanted("r2"));
    end("r2", Decision.GO);
    assertThat(create(wanted("r3")).attempt()).isEqualTo(1);
    assertThat(create(wanted("r4")).earlierAttempts())
        .extracting(EarlierAttempt::id)
        .containsExactly("r3");
  }

  @Test
  void aGoThatTurnedOutWrongDoesNotCountAsOne() {
    create(wanted("r1"));
    create(wanted("r2"));
    end("r2", Decision.GO);
    store.commit(
        List.of(commit("r2", 2).at(0, 0).status(RunState.COMPLETED, Decision.NO_GO, 2_000).make()));
    assertThat(create(wanted("r3")).attempt()).isEqualTo(3);
  }

  @Test
  void whatWasCancelledBeforeAnythingWasJudgedIsNoAttempt() {
    create(wanted("r1"));
    cancel("r1", false);
    create(wanted("r2"));
    cancel("r2", true);
    RunRecord third = create(wanted("r3"));
    assertThat(third.attempt()).isEqualTo(2);
    assertThat(third.earlierAttempts()).extracting(EarlierAttempt::id).containsExactly("r2");
  }

  @Test
  void namesTheNewestOfMany() {
    for (int i = 1; i <= 25; i++) {
      create(wanted("r" + i));
    }
    RunRecord last = create(wanted("r26"));
    assertThat(last.attempt()).isEqualTo(26);
    assertThat(last.earlierAttempts()).hasSize(20);
    assertThat(last.earlierAttempts().getFirst().id()).isEqualTo("r25");
  }

  @Test
  void twoThatAreCreatedAtOnceAreTwoAttempts() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<RunRecord>> tasks =
          IntStream.rangeClosed(1, 12)
              .mapToObj(i -> (Callable<RunRecord>) () -> create(wanted("r" + i)))
              .toList();
      List<Integer> attempts =
          threads.invokeAll(tasks).stream().map(future -> future.resultNow().attempt()).toList();
      assertThat(attempts)
          .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 12).boxed().toList());
    }
  }
}
