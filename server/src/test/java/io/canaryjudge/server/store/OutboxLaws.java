package io.canaryjudge.server.store;

import static io.canaryjudge.server.store.Refusals.assertRefused;
import static io.canaryjudge.server.store.StoreFixtures.commit;
import static io.canaryjudge.server.store.StoreFixtures.newRun;
import static io.canaryjudge.server.store.StoreFixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.store.StoredNotification.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is to be told is durable with what it tells of, and kept in order, on either database. */
abstract class OutboxLaws extends StoreTest {

  private final RandomVerdicts verdicts = new RandomVerdicts(7);
  private final Recorder recorder = new Recorder();
  private JdbcRunStore store;
  private Outbox outbox;

  /** Tells every target of each creation and each verdict. */
  private static final class Recorder implements Announcer {
    private final List<String> targets = new ArrayList<>(List.of("x"));
    private final List<String> seen = new ArrayList<>();
    private String problem = "";
    private int told;

    @Override
    public boolean silent() {
      return false;
    }

    @Override
    public List<NewNotification> created(RunRecord run) {
      return tell(run.id(), "created");
    }

    @Override
    public List<NewNotification> committed(
        RunRecord run, @Nullable Verdict before, RunCommit commit) {
      seen.add(run.id() + " after " + (before == null ? "nothing" : before.revision()));
      return commit.verdicts().stream()
          .flatMap(verdict -> tell(run.id(), Long.toString(verdict.revision())).stream())
          .toList();
    }

    private List<NewNotification> tell(String run, String what) {
      return targets.stream()
          .map(to -> new NewNotification(run + "-" + what, to, run, "k", "{}", 10, problem))
          .toList();
    }

    @Override
    public void durable() {
      told++;
    }
  }

  @BeforeEach
  void openStore() {
    store = new JdbcRunStore(database, recorder);
    outbox = store.outbox();
  }

  private void create(String id) {
    store.create(newRun(run(id, 1)));
  }

  private RunCommit verdict(String id, long number) {
    return commit(id, number)
        .at(number, 0)
        .verdict(new StoredVerdict(number, verdicts.next(number)))
        .make();
  }

  private List<StoredNotification> due(String target) {
    return outbox.due(target, 1_000, 100);
  }

  private List<String> dueEvents(String target) {
    return due(target).stream().map(StoredNotification::event).toList();
  }

  private void end(StoredNotification notification, State state, long nextMillis) {
    outbox.advance(
        List.of(new DeliveryOutcome(notification.id(), state, 500, nextMillis, "why")), List.of());
  }

  @Test
  void whatIsToBeToldComesWithWhatItTellsOf() {
    create("a");
    store.commit(List.of(verdict("a", 1)));
    store.commit(List.of(verdict("a", 2), verdict("a", 3)));
    assertThat(outbox.list(null, "", 10, "").items())
        .extracting(StoredNotification::event)
        .containsExactly("a-3", "a-2", "a-1", "a-created");
    assertThat(recorder.seen).containsExactly("a after nothing", "a after 1", "a after 2");
    assertThat(recorder.told).isEqualTo(3);
  }

  @Test
  void aCommitThatIsRefusedTellsNothing() {
    create("a");
    assertRefused(
        ErrorReason.INTERNAL, () -> store.commit(List.of(verdict("a", 1), verdict("a", 3))));
    assertThat(count("notifications")).isEqualTo(1);
  }

  @Test
  void repeatsTellNothingTwice() {
    create("a");
    create("a");
    RunCommit commit = verdict("a", 1);
    store.commit(List.of(commit));
    store.commit(List.of(commit, verdict("a", 2)));
    assertThat(outbox.list(null, "", 10, "").items())
        .extracting(StoredNotification::event)
        .containsExactly("a-2", "a-1", "a-created");
  }

  @Test
  void commitsWithNothingToTellAreNotAskedAbout() {
    create("a");
    store.commit(List.of(commit("a", 1).at(1, 1).entry(1, LogEntries.window(0, 1)).make()));
    assertThat(recorder.seen).isEmpty();
    assertThat(count("notifications")).isEqualTo(1);
  }

  @Test
  void eachWaitsForTheOneBeforeItOfItsRunAndTarget() {
    recorder.targets.add("y");
    create("a");
    create("b");
    store.commit(List.of(verdict("a", 1)));
    assertThat(dueEvents("x")).containsExactly("a-created", "b-created");
    assertThat(outbox.due("x", 1_000, 1)).hasSize(1);
    assertThat(outbox.due("x", 9, 100)).as("before its time").isEmpty();

    end(due("x").getFirst(), State.WAITING, 2_000);
    assertThat(dueEvents("x")).as("held up by the one before").containsExactly("b-created");
    assertThat(dueEvents("y"))
        .as("the other target is not")
        .containsExactly("a-created", "b-created");
    assertThat(outbox.due("x", 2_000, 100))
        .extracting(StoredNotification::event)
        .containsExactly("a-created", "b-created");

    end(outbox.due("x", 2_000, 100).getFirst(), State.DELIVERED, 0);
    assertThat(dueEvents("x")).containsExactlyInAnyOrder("a-1", "b-created");
    end(due("y").getFirst(), State.GIVEN_UP, 0);
    assertThat(dueEvents("y")).containsExactlyInAnyOrder("a-1", "b-created");
  }

  @Test
  void anAttemptIsOnRecordBeforeItIsMade() {
    create("a");
    StoredNotification waiting = due("x").getFirst();
    assertThat(waiting.attempts()).isZero();
    outbox.advance(List.of(), List.of(waiting.id()));
    reopen();
    outbox = new JdbcRunStore(database).outbox();
    assertThat(due("x").getFirst().attempts()).isEqualTo(1);
  }

  @Test
  void countsWhatWaits() {
    assertThat(outbox.backlog()).isEmpty();
    recorder.targets.add("y");
    create("a");
    create("b");
    end(due("x").getFirst(), State.DELIVERED, 0);
    assertThat(outbox.backlog()).containsOnlyKeys("x", "y");
    assertThat(outbox.backlog().get("x")).isEqualTo(new Backlog(1, 10));
    assertThat(outbox.backlog().get("y")).isEqualTo(new Backlog(2, 10));
  }

  @Test
  void whatDoesNotFitIsOnRecordAsGivenUp() {
    recorder.problem = "too many wait";
    create("a");
    assertThat(due("x")).isEmpty();
    StoredNotification lost = outbox.list(State.GIVEN_UP, "x", 10, "").items().getFirst();
    assertThat(lost.problem()).isEqualTo("too many wait");
    assertThat(lost.endMillis()).isEqualTo(10);
  }

  @Test
  void aPersonMayHaveItTriedAgain() {
    create("a");
    StoredNotification given = due("x").getFirst();
    assertThat(outbox.retry(given.id(), 700, "sam")).as("it waits already").isEmpty();
    end(given, State.GIVEN_UP, 0);
    StoredNotification again = outbox.retry(given.id(), 700, "sam").orElseThrow();
    assertThat(again.state()).isEqualTo(State.WAITING);
    assertThat(again.sinceMillis()).isEqualTo(700);
    assertThat(again.createMillis()).isEqualTo(10);
    assertThat(due("x")).containsExactly(again);
    assertThat(new AuditLog(database).list("notifications/" + given.id(), 10, "").items())
        .containsExactly(
            new AuditRow(
                700, "sam", "notification.retry", "notifications/" + given.id(), "a-created to x"));
    assertThat(outbox.retry(99, 700, "sam")).isEmpty();
  }

  @Test
  void listsByStateAndTargetInPages() {
    recorder.targets.add("y");
    for (String id : List.of("a", "b", "c")) {
      create(id);
    }
    end(due("x").getFirst(), State.GIVEN_UP, 0);
    Page<StoredNotification> first = outbox.list(State.WAITING, "", 3, "");
    assertThat(first.items())
        .extracting(each -> each.event() + " to " + each.target())
        .containsExactly("c-created to y", "c-created to x", "b-created to y");
    assertThat(outbox.list(State.WAITING, "", 3, first.nextPageToken()).items())
        .extracting(each -> each.event() + " to " + each.target())
        .containsExactly("b-created to x", "a-created to y");
    assertThat(outbox.list(State.GIVEN_UP, "", 3, "").items()).hasSize(1);
    assertThat(outbox.list(State.GIVEN_UP, "y", 3, "").items()).isEmpty();
    String token = first.nextPageToken();
    assertRefused(ErrorReason.INVALID_FIELD, () -> outbox.list(State.DELIVERED, "", 3, token));
  }

  @Test
  void whatIsOverIsDeletedInTime() {
    create("a");
    create("b");
    end(due("x").getFirst(), State.DELIVERED, 0);
    assertThat(outbox.purge(500, 10)).isZero();
    assertThat(outbox.purge(501, 10)).isEqualTo(1);
    assertThat(dueEvents("x")).as("what waits stays").containsExactly("b-created");
  }

  @Test
  void whatWaitsForNobodyIsGivenUp() {
    recorder.targets.add("y");
    create("a");
    assertThat(outbox.abandon(Set.of("x"), 10, 600, "no such target")).isZero();
    assertThat(outbox.abandon(Set.of("x"), 11, 600, "no such target")).isEqualTo(1);
    assertThat(outbox.backlog()).containsOnlyKeys("x");
    assertThat(outbox.list(State.GIVEN_UP, "", 10, "").items())
        .extracting(StoredNotification::target, StoredNotification::problem)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("y", "no such target"));
  }

  @Test
  void theServerThatTookOverTells() {
    create("a");
    long id = due("x").getFirst().id();
    Outbox next = new JdbcRunStore(database).outbox();
    assertRefused(ErrorReason.STORE_TAKEN_OVER, () -> outbox.advance(List.of(), List.of(id)));
    next.advance(List.of(), List.of(id));
    assertThat(new TreeMap<>(next.backlog())).containsOnlyKeys("x");
  }
}
