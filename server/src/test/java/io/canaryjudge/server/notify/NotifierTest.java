package io.canaryjudge.server.notify;

import static io.canaryjudge.server.notify.TestRuns.newRun;
import static io.canaryjudge.server.notify.TestRuns.run;
import static io.canaryjudge.server.notify.TestTargets.settings;
import static io.canaryjudge.server.notify.TestTargets.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.notify.Receiver.Answer;
import io.canaryjudge.server.run.FakeClock;
import io.canaryjudge.server.store.Backlog;
import io.canaryjudge.server.store.Database;
import io.canaryjudge.server.store.DatabaseConfig;
import io.canaryjudge.server.store.DeliveryOutcome;
import io.canaryjudge.server.store.JdbcRunStore;
import io.canaryjudge.server.store.Outbox;
import io.canaryjudge.server.store.Page;
import io.canaryjudge.server.store.StoredNotification;
import io.canaryjudge.server.store.StoredNotification.State;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Delivery to receivers that behave badly. Time is the test's own. */
class NotifierTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long SECOND = 1_000;
  private static final String[] HISTORY = {
    "a-0-opened", "a-1-step", "a-2-check-failed", "a-2-decided", "a-2-ended"
  };
  private static final long HOUR = 3_600 * SECOND;

  @TempDir private Path directory;

  private final FakeClock clock = new FakeClock();
  private final Recorder accounting = new Recorder();
  private final AtomicBoolean storeAway = new AtomicBoolean();
  private Database database;
  private Receiver receiver;
  private JdbcRunStore store;
  private Outbox outbox;
  private Notifier notifier;

  private static final class Recorder implements NotifyAccounting {
    private final List<String> events = new ArrayList<>();
    private String waiting = "";

    @Override
    public void delivered(String target) {
      events.add(target + " delivered");
    }

    @Override
    public void failed(String target, AttemptOutcome outcome) {
      events.add(target + " " + outcome);
    }

    @Override
    public void givenUp(String target) {
      events.add(target + " given up");
    }

    @Override
    public void waiting(String target, long count, long oldestMillis) {
      waiting = target + " " + count + " for " + oldestMillis;
    }
  }

  @BeforeEach
  void open() throws Exception {
    database = Database.open(DatabaseConfig.file(directory.resolve("judge.db")), clock);
    receiver = new Receiver();
    serve(settings(target("x", receiver.url())));
  }

  @AfterEach
  void close() throws Exception {
    notifier.close(Duration.ZERO);
    receiver.close();
    database.close();
  }

  private void serve(NotifySettings settings) {
    NotificationQueue queue = new NotificationQueue(settings, clock, accounting);
    store = new JdbcRunStore(database, queue);
    outbox = store.outbox();
    notifier =
        new Notifier(
            new FaultyOutbox(outbox, storeAway), settings, queue, clock, new Random(1), accounting);
  }

  private static NotifySettings with(NotifySettings all, Duration timeout, int maxWaiting) {
    return new NotifySettings(
        all.targets(),
        all.publicUrl(),
        timeout,
        all.maxAge(),
        all.retention(),
        all.concurrency(),
        maxWaiting);
  }

  private void create(String id) {
    store.create(newRun(run(id, "checkout")));
  }

  /** A run with five notifications. */
  private void createWithHistory(String id) {
    create(id);
    store.commit(
        List.of(
            TestRuns.commit(
                id,
                new LogEntry.StepReported(clock.millis(), 0, 5),
                new LogEntry.CheckReported(
                    clock.millis(), "smoke", CheckOutcome.FAILED, "404", ""))));
  }

  /** Goes round until nothing is left to do at this moment. */
  private void settle() {
    do {
      notifier.round();
      await().atMost(PATIENCE).until(() -> notifier.endedAttempts() == notifier.underWay());
    } while (notifier.round());
  }

  private StoredNotification only(State state) {
    List<StoredNotification> all = outbox.list(state, "", 10, "").items();
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  @Test
  void tellsInOrderWhatHappened() {
    createWithHistory("a");
    settle();
    assertThat(receiver.ids()).containsExactly(HISTORY);
    assertThat(receiver.attempts()).containsOnly(1);
    assertThat(outbox.backlog()).isEmpty();
    assertThat(accounting.events).hasSize(5).containsOnly("x delivered");
  }

  @Test
  void signsWhatItSends() {
    create("a");
    settle();
    Receiver.Received first = receiver.received().getFirst();
    long seconds = clock.millis() / 1_000;
    assertThat(first.header("webhook-timestamp")).isEqualTo(Long.toString(seconds));
    assertThat(first.header("webhook-signature"))
        .isEqualTo(Signature.of(List.of(TestTargets.SECRET), "a-0-opened", seconds, first.body()));
    assertThat(first.header("user-agent")).isEqualTo("canary-judge");
  }

  @Test
  void aRepeatHasTheSameIdentityAndSaysWhichAttemptItIs() {
    receiver.behave(request -> request.attempt() < 3 ? Answer.of(500) : Answer.OK);
    createWithHistory("a");
    settle();
    assertThat(receiver.attempts()).containsExactly(1);
    settle();
    assertThat(receiver.attempts()).as("not before its time").containsExactly(1);
    clock.advance(SECOND);
    settle();
    clock.advance(2 * SECOND);
    settle();
    assertThat(receiver.ids())
        .startsWith("a-0-opened", "a-0-opened", "a-0-opened")
        .containsSubsequence("a-1-step");
    assertThat(receiver.attempts()).startsWith(1, 2, 3);
    assertThat(receiver.received().get(2).body()).isEqualTo(receiver.received().get(0).body());
    assertThat(accounting.events).startsWith("x STATUS", "x STATUS", "x delivered");
  }

  @Test
  void aReceiverThatAsksToWaitIsLeftAlone() {
    receiver.behave(
        request ->
            request.attempt() == 1
                ? new Answer(429, Map.of("Retry-After", "120"), "slow down")
                : Answer.OK);
    create("a");
    settle();
    create("b");
    settle();
    clock.advance(119 * SECOND);
    settle();
    assertThat(receiver.ids()).as("neither this nor another").containsExactly("a-0-opened");
    assertThat(all(State.WAITING).getLast().problem()).isEqualTo("status 429: slow down");
    receiver.behave(_ -> Answer.OK);
    clock.advance(SECOND);
    settle();
    assertThat(receiver.ids()).containsExactlyInAnyOrder("a-0-opened", "a-0-opened", "b-0-opened");
    assertThat(accounting.events).contains("x LIMITED");
  }

  private List<StoredNotification> all(State state) {
    return outbox.list(state, "", 10, "").items();
  }

  @Test
  void aRedirectIsNotFollowed() throws Exception {
    try (Receiver other = new Receiver()) {
      receiver.behave(_ -> new Answer(307, Map.of("Location", other.url().toString()), ""));
      create("a");
      settle();
      assertThat(other.received()).isEmpty();
      assertThat(accounting.events).containsExactly("x REDIRECTED");
      assertThat(only(State.WAITING).problem()).isEqualTo("status 307");
    }
  }

  @Test
  void aConnectionThatBreaksIsTriedAgain() {
    receiver.behave(request -> request.attempt() == 1 ? Answer.CLOSE : Answer.OK);
    create("a");
    settle();
    assertThat(accounting.events).containsExactly("x UNREACHABLE");
    clock.advance(SECOND);
    settle();
    assertThat(receiver.attempts()).containsExactly(1, 2);
    assertThat(only(State.DELIVERED).attempts()).isEqualTo(2);
  }

  @Test
  void aReceiverThatHangsHoldsUpNobodyElse() throws Exception {
    try (Receiver slow = new Receiver()) {
      slow.behave(_ -> Answer.HANG);
      serve(settings(target("x", receiver.url()), target("slow", slow.url())));
      for (int i = 0; i < 10; i++) {
        create("run-" + i);
      }
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                notifier.round();
                return receiver.received().size() == 10;
              });
      assertThat(slow.received()).as("bounded by its own room").hasSizeLessThanOrEqualTo(2);
      assertThat(outbox.backlog()).containsKey("slow");
      assertThat(outbox.backlog().get("slow").waiting()).isEqualTo(10);
    }
  }

  @Test
  void aReceiverThatHangsIsGivenUpInTime() {
    serve(with(settings(target("x", receiver.url())), Duration.ofMillis(200), 100));
    receiver.behave(_ -> Answer.HANG);
    create("a");
    settle();
    assertThat(accounting.events).containsExactly("x TIMEOUT");
    assertThat(only(State.WAITING).problem()).isEqualTo("no answer within 200 ms");
  }

  @Test
  void whatIsRefusedForGoodIsGivenUpAndTheNextGoesOn() {
    receiver.behave(
        request ->
            request.id().endsWith("opened")
                ? new Answer(400, Map.of(), "invalid\nblocks")
                : Answer.OK);
    createWithHistory("a");
    settle();
    assertThat(receiver.ids()).containsExactly(HISTORY);
    StoredNotification refused = only(State.GIVEN_UP);
    assertThat(refused.event()).isEqualTo("a-0-opened");
    assertThat(refused.problem()).isEqualTo("status 400: invalid blocks");
    assertThat(accounting.events).startsWith("x REFUSED", "x given up", "x delivered");
  }

  @Test
  void itIsGivenUpAfterTheSettableAgeAndNotBefore() {
    receiver.behave(_ -> Answer.of(500));
    create("a");
    for (int minute = 0; minute < 60; minute++) {
      settle();
      clock.advance(60 * SECOND);
    }
    assertThat(only(State.WAITING).attempts()).isGreaterThan(10);
    settle();
    assertThat(only(State.GIVEN_UP).endMillis()).isEqualTo(clock.millis());
    assertThat(accounting.events).endsWith("x STATUS", "x given up");
    int attempts = receiver.received().size();
    clock.advance(HOUR);
    settle();
    assertThat(receiver.received()).hasSize(attempts);

    receiver.behave(_ -> Answer.OK);
    outbox.retry(only(State.GIVEN_UP).id(), clock.millis(), "sam");
    settle();
    assertThat(receiver.attempts().getLast()).isEqualTo(attempts + 1);
    assertThat(only(State.DELIVERED).attempts()).isEqualTo(attempts + 1);
  }

  @Test
  void whatWasDeliveredIsNotSentAgainBecauseTheDatabaseIsAway() {
    create("a");
    notifier.round();
    await().atMost(PATIENCE).until(() -> notifier.endedAttempts() == 1);
    storeAway.set(true);
    notifier.round();
    notifier.round();
    assertThat(only(State.WAITING).attempts()).isEqualTo(1);
    storeAway.set(false);
    settle();
    assertThat(receiver.attempts()).containsExactly(1);
    assertThat(only(State.DELIVERED).event()).isEqualTo("a-0-opened");
  }

  @Test
  void nothingIsSentBeforeItsAttemptIsOnRecord() {
    create("a");
    storeAway.set(true);
    notifier.round();
    assertThat(notifier.underWay()).isZero();
    assertThat(only(State.WAITING).attempts()).isZero();
  }

  @Test
  void whatDoesNotFitIsGivenUpAloud() {
    serve(with(settings(target("x", receiver.url())), Duration.ofSeconds(20), 2));
    receiver.behave(_ -> Answer.of(500));
    for (int i = 0; i < 3; i++) {
      create("run-" + i);
    }
    assertThat(only(State.GIVEN_UP).event()).isEqualTo("run-2-0-opened");
    assertThat(only(State.GIVEN_UP).problem()).isEqualTo("more than 2 notifications wait");
    assertThat(accounting.events).containsExactly("x given up");

    receiver.behave(_ -> Answer.OK);
    settle();
    clock.advance(10 * SECOND);
    settle(); // counts again
    create("later");
    settle();
    assertThat(receiver.ids()).contains("later-0-opened");
  }

  @Test
  void saysWhatWaitsAndDeletesWhatIsOver() {
    receiver.behave(_ -> Answer.of(500));
    create("a");
    clock.advance(7 * SECOND);
    notifier.round();
    assertThat(accounting.waiting).isEqualTo("x 1 for 7000");
    receiver.behave(_ -> Answer.OK);
    clock.advance(10 * SECOND);
    settle();
    clock.advance(10 * SECOND);
    settle();
    assertThat(accounting.waiting).isEqualTo("x 0 for 0");
    assertThat(all(State.DELIVERED)).hasSize(1);
    clock.advance(7 * 24 * HOUR);
    settle();
    assertThat(all(State.DELIVERED)).isEmpty();
  }

  @Test
  void aTargetThatIsGoneKeepsItsNotificationsForAsLongAsAnyOther() {
    create("a");
    serve(settings(target("y", receiver.url())));
    clock.advance(HOUR);
    settle();
    assertThat(only(State.WAITING).target()).isEqualTo("x");
    clock.advance(10 * SECOND);
    settle();
    assertThat(only(State.GIVEN_UP).problem()).isEqualTo("there is no such target");
    assertThat(receiver.received()).isEmpty();
  }

  @Test
  void whatWasUnderWayAtAStopIsOnRecord() throws Exception {
    createWithHistory("a");
    notifier.start();
    await().atMost(PATIENCE).until(() -> receiver.received().size() == 5);
    notifier.close(Duration.ofSeconds(30));
    assertThat(outbox.backlog()).isEmpty();
  }

  /** An outbox that cannot be written to for a while. */
  private record FaultyOutbox(Outbox outbox, AtomicBoolean away) implements Outbox {

    @Override
    public void advance(Collection<DeliveryOutcome> ended, Collection<Long> begin) {
      if (away.get()) {
        throw JudgeException.of(ErrorReason.STORE_UNAVAILABLE, "as the test wants it");
      }
      outbox.advance(ended, begin);
    }

    @Override
    public List<StoredNotification> due(String target, long nowMillis, int limit) {
      return outbox.due(target, nowMillis, limit);
    }

    @Override
    public SortedMap<String, Backlog> backlog() {
      return outbox.backlog();
    }

    @Override
    public int abandon(Set<String> targets, long beforeMillis, long nowMillis, String problem) {
      return outbox.abandon(targets, beforeMillis, nowMillis, problem);
    }

    @Override
    public int purge(long beforeMillis, int limit) {
      return outbox.purge(beforeMillis, limit);
    }

    @Override
    public Page<StoredNotification> list(
        State state, String target, int pageSize, String pageToken) {
      return outbox.list(state, target, pageSize, pageToken);
    }

    @Override
    public Optional<StoredNotification> retry(long id, long nowMillis, String actor) {
      return outbox.retry(id, nowMillis, actor);
    }
  }
}
