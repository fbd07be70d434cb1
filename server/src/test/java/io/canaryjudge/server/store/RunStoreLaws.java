package io.canaryjudge.server.store;

import static io.canaryjudge.server.store.Refusals.assertRefused;
import static io.canaryjudge.server.store.StoreFixtures.audit;
import static io.canaryjudge.server.store.StoreFixtures.commit;
import static io.canaryjudge.server.store.StoreFixtures.newRun;
import static io.canaryjudge.server.store.StoreFixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.server.error.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store of runs promises about runs as a whole: creating, finding, listing, owning. */
abstract class RunStoreLaws extends StoreTest {

  private RunStore store;

  @BeforeEach
  void openStore() {
    store = new JdbcRunStore(database);
  }

  @Test
  void givesBackARunAsItWasCreated() {
    RunRecord run = run("r1", 1_000);
    assertThat(store.create(newRun(run))).isEqualTo(run);
    assertThat(store.find("r1")).contains(run);
    assertThat(store.find("r2")).isEmpty();
    reopen();
    assertThat(new JdbcRunStore(database).find("r1")).contains(run);
  }

  @Test
  void givesBackHowTheArmsAreToldApart() {
    LabelMatcher any = new LabelMatcher("\"ä\"", List.of());
    LabelMatcher some = new LabelMatcher("http.route", List.of("/cart*", "", "\\"));
    for (ArmSelection arms :
        List.of(
            new ArmSelection(List.of(any, some), "track", "a", "b*", List.of(), List.of(), "pod"),
            new ArmSelection(
                List.of(), "", "", "", List.of(any), List.of(some, any), "instance"))) {
      String id = "r" + arms.label();
      RunRecord run = run(id, arms);
      store.create(newRun(run));
      assertThat(store.find(id)).contains(run);
    }
  }

  /** As the version before the column leaves it, which may still run beside this schema. */
  @Test
  void aRunThatSaysNothingOfItsArmsHasTheDefault() {
    store.create(newRun(run("r1", 1_000)));
    assertThat(count("runs where arms = '{}'")).isEqualTo(1);
    sabotage(
        "insert into runs (id, service, baseline_version, canary_version, allow_same_version,"
            + " policy_name, policy_revision, effective_policy, overrides, labels,"
            + " artifact_digest, retrospective, producer_count, create_millis, start_millis,"
            + " state, end_millis, decision, creator) select 'r2', service, baseline_version,"
            + " canary_version, allow_same_version, policy_name, policy_revision,"
            + " effective_policy, overrides, labels, artifact_digest, retrospective,"
            + " producer_count, create_millis, start_millis, state, end_millis, decision, creator"
            + " from runs");
    assertThat(store.find("r2").orElseThrow().arms()).isEqualTo(ArmSelection.DEFAULT);
  }

  @Test
  void doesNotGuessAtASelectionOfArms() {
    store.create(newRun(run("r1", 1_000)));
    for (String bad :
        List.of("", "[]", "{\"scopes\":[]}", "{\"label\":1}", "{\"scope\":[{\"values\":[1]}]}")) {
      sabotage("update runs set arms = '" + bad + "'");
      assertRefused(ErrorReason.INTERNAL, () -> store.find("r1"));
    }
  }

  @Test
  void aRepeatReturnsTheRunOfTheFirstRequest() {
    RunRecord first = run("r1", 1_000);
    store.create(newRun(first));
    NewRun repeat = new NewRun("request-r1", "same", run("r2", 2_000), audit("run.create", "r2"));
    assertThat(store.create(repeat)).isEqualTo(first);
    assertThat(store.find("r2")).isEmpty();
    assertThat(count("runs")).isEqualTo(1);
    assertThat(count("audit")).isEqualTo(1);
  }

  @Test
  void aRepeatReturnsTheRunAsItIsNow() {
    store.create(newRun(run("r1", 1_000)));
    store.commit(List.of(commit("r1", 1).status(RunState.RUNNING, Decision.WAIT, 0).make()));
    assertThat(store.create(newRun(run("r1", 1_000))).state()).isEqualTo(RunState.RUNNING);
  }

  @Test
  void refusesAnotherRequestUnderTheSameId() {
    store.create(newRun(run("r1", 1_000)));
    NewRun other = new NewRun("request-r1", "other", run("r2", 2_000), audit("run.create", "r2"));
    assertRefused(ErrorReason.REQUEST_ID_REUSED, () -> store.create(other));
    assertThat(count("runs")).isEqualTo(1);
    assertThat(count("audit")).isEqualTo(1);
  }

  @Test
  void concurrentRepeatsCreateOneRun() throws Exception {
    List<Callable<RunRecord>> requests = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String id = "r" + i;
      requests.add(
          () -> store.create(new NewRun("one", "same", run(id, 1_000), audit("run.create", id))));
    }
    List<RunRecord> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (Future<RunRecord> answer : threads.invokeAll(requests)) {
        answers.add(answer.get());
      }
    }
    assertThat(Set.copyOf(answers)).hasSize(1);
    assertThat(count("runs")).isEqualTo(1);
    assertThat(count("audit")).isEqualTo(1);
  }

  @Test
  void listsNewestFirstAndOfOneMillisecondById() {
    for (RunRecord run :
        List.of(run("b", 5), run("a", 5), run("old", 1), run("new", 9), run("c", 5))) {
      store.create(newRun(run));
    }
    assertThat(ids(RunFilter.ALL, 10)).containsExactly("new", "a", "b", "c", "old");
    assertThat(ids(RunFilter.ALL, 1)).containsExactly("new", "a", "b", "c", "old");
    assertThat(ids(RunFilter.ALL, 2)).containsExactly("new", "a", "b", "c", "old");
  }

  @Test
  void aFullLastPageHasNoToken() {
    store.create(newRun(run("a", 1)));
    store.create(newRun(run("b", 2)));
    assertThat(store.list(RunFilter.ALL, 2, "").nextPageToken()).isEmpty();
    assertThat(store.list(RunFilter.ALL, 1, "").nextPageToken()).isNotEmpty();
    assertThat(store.list(new RunFilter("nobody", Set.of()), 1, ""))
        .isEqualTo(new Page<>(List.of(), ""));
  }

  @Test
  void pagesNeitherMissNorRepeatWhatWasThereWhileRunsAreCreated() {
    IntStream.range(0, 25).forEach(i -> store.create(newRun(run("first" + i, 100 + i / 3))));
    List<String> seen = new ArrayList<>();
    String token = "";
    int page = 0;
    do {
      Page<RunRecord> runs = store.list(RunFilter.ALL, 4, token);
      runs.items().forEach(run -> seen.add(run.id()));
      token = runs.nextPageToken();
      // Newer ones, and ones of a clock that was put back.
      store.create(newRun(run("newer" + page, 500 + page)));
      store.create(newRun(run("older" + page, page)));
      page++;
    } while (!token.isEmpty());
    assertThat(seen).doesNotHaveDuplicates();
    assertThat(seen).containsAll(IntStream.range(0, 25).mapToObj(i -> "first" + i).toList());
  }

  @Test
  void filtersByServiceAndState() {
    store.create(newRun(run("a", "checkout", 1)));
    store.create(newRun(run("b", "search", 2)));
    store.create(newRun(run("c", "checkout", 3)));
    store.commit(
        List.of(
            commit("a", 1).status(RunState.COMPLETED, Decision.GO, 50).make(),
            commit("b", 1).status(RunState.RUNNING, Decision.WAIT, 0).make()));
    assertThat(ids(new RunFilter("checkout", Set.of()), 1)).containsExactly("c", "a");
    assertThat(ids(new RunFilter("", Set.of(RunState.PENDING, RunState.RUNNING)), 1))
        .containsExactly("c", "b");
    assertThat(ids(new RunFilter("checkout", Set.of(RunState.COMPLETED)), 1)).containsExactly("a");
  }

  @Test
  void opensThoseThatTakeSamplesOldestFirst() {
    store.create(newRun(run("late", 3)));
    store.create(newRun(run("early", 1)));
    store.create(newRun(run("ended", 2)));
    store.commit(List.of(commit("ended", 1).status(RunState.COMPLETED, Decision.NO_GO, 9).make()));
    assertThat(store.open()).extracting(RunRecord::id).containsExactly("early", "late");
  }

  @Test
  void refusesTokensThatAreNotOfThisList() {
    store.create(newRun(run("a", 1)));
    store.create(newRun(run("b", 2)));
    String token = store.list(RunFilter.ALL, 1, "").nextPageToken();
    List<String> bad =
        List.of(
            "x",
            "%%%",
            "AAAA",
            token.substring(1),
            token.substring(0, token.length() - 2),
            token + token,
            "a".repeat(5_000));
    for (String wrong : bad) {
      assertRefused(ErrorReason.INVALID_FIELD, () -> store.list(RunFilter.ALL, 1, wrong));
    }
    assertRefused(
        ErrorReason.INVALID_FIELD, () -> store.list(new RunFilter("b", Set.of()), 1, token));
    assertRefused(ErrorReason.INVALID_FIELD, () -> store.verdicts("a", 1, token));
    assertThat(store.list(RunFilter.ALL, 1, token).items())
        .extracting(RunRecord::id)
        .containsExactly("a");
  }

  @Test
  void refusesPageSizesOutOfRange() {
    assertRefused(ErrorReason.INVALID_FIELD, () -> store.list(RunFilter.ALL, 0, ""));
    assertRefused(ErrorReason.INVALID_FIELD, () -> store.list(RunFilter.ALL, 1_001, ""));
    assertThat(store.list(RunFilter.ALL, 1_000, "").items()).isEmpty();
  }

  @Test
  void theNewestStoreIsTheOnlyOneThatWrites() {
    store.create(newRun(run("a", 1)));
    RunStore successor = new JdbcRunStore(database);
    assertRefused(ErrorReason.STORE_TAKEN_OVER, () -> store.create(newRun(run("b", 2))));
    assertRefused(ErrorReason.STORE_TAKEN_OVER, () -> store.commit(List.of(commit("a", 1).make())));
    assertThat(store.find("a")).isPresent();
    assertThat(store.load("a").commits()).isZero();
    successor.commit(List.of(commit("a", 1).make()));
    assertThat(store.load("a").commits()).isEqualTo(1);
  }

  @Test
  void aRunWithoutItsAuditRowIsNotCreated() {
    sabotage("alter table audit rename to audit_away");
    assertRefused(ErrorReason.INTERNAL, () -> store.create(newRun(run("a", 1))));
    sabotage("alter table audit_away rename to audit");
    assertThat(count("runs")).isZero();
    assertThat(count("run_progress")).isZero();
    assertThat(store.create(newRun(run("a", 1))).id()).as("the request id is free").isEqualTo("a");
    assertThat(new AuditLog(database).list("", 10, "").items())
        .containsExactly(audit("run.create", "a"));
  }

  private List<String> ids(RunFilter filter, int pageSize) {
    List<String> ids = new ArrayList<>();
    String token = "";
    do {
      Page<RunRecord> page = store.list(filter, pageSize, token);
      page.items().forEach(run -> ids.add(run.id()));
      token = page.nextPageToken();
    } while (!token.isEmpty());
    return ids;
  }
}
