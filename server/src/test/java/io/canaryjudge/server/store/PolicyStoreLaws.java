package io.canaryjudge.server.store;

import static io.canaryjudge.server.store.Refusals.assertRefused;
import static io.canaryjudge.server.store.StoreFixtures.audit;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store of policies promises. */
abstract class PolicyStoreLaws extends StoreTest {

  private PolicyStore store;

  @BeforeEach
  void openStore() {
    store = new JdbcPolicyStore(database);
  }

  @Test
  void countsRevisionsFromOneAndKeepsThemAll() {
    PolicyRow first = store.create("", "", draft("standard", "one"), audit("create", "standard"));
    PolicyRow second = store.append(draft("standard", "two"), 1, audit("update", "standard"));
    assertThat(first).isEqualTo(row("standard", 1, "one", false));
    assertThat(second).isEqualTo(row("standard", 2, "two", false));
    reopen();
    store = new JdbcPolicyStore(database);
    assertThat(store.current("standard")).contains(second);
    assertThat(store.revision("standard", 1)).contains(first);
    assertThat(store.revision("standard", 2)).contains(second);
    assertThat(store.revision("standard", 3)).isEmpty();
    assertThat(store.current("other")).isEmpty();
    assertThat(new AuditLog(database).list("", 10, "").items())
        .containsExactly(audit("update", "standard"), audit("create", "standard"));
  }

  @Test
  void refusesANameThatIsTaken() {
    store.create("", "", draft("standard", "one"), audit("create", "standard"));
    assertRefused(
        ErrorReason.POLICY_EXISTS,
        () -> store.create("", "", draft("standard", "two"), audit("create", "standard")));
    assertThat(count("policy_revisions")).isEqualTo(1);
    assertThat(count("audit")).isEqualTo(1);
  }

  @Test
  void aRepeatReturnsTheFirstRevisionAlsoLater() {
    PolicyRow first = store.create("id", "same", draft("p", "one"), audit("create", "p"));
    store.append(draft("p", "two"), 1, audit("update", "p"));
    assertThat(store.create("id", "same", draft("p", "one"), audit("create", "p")))
        .isEqualTo(first);
    assertThat(count("policy_revisions")).isEqualTo(2);
    assertThat(count("audit")).isEqualTo(2);
    assertRefused(
        ErrorReason.REQUEST_ID_REUSED,
        () -> store.create("id", "other", draft("q", "one"), audit("create", "q")));
    assertThat(store.current("q")).isEmpty();
  }

  @Test
  void aRefusedRequestLeavesItsIdFree() {
    store.create("", "", draft("p", "one"), audit("create", "p"));
    assertRefused(
        ErrorReason.POLICY_EXISTS,
        () -> store.create("id", "f1", draft("p", "one"), audit("create", "p")));
    assertThat(store.create("id", "f2", draft("q", "one"), audit("create", "q")).revision())
        .isEqualTo(1);
  }

  @Test
  void ofConcurrentChangesOneWins() throws Exception {
    store.create("", "", draft("p", "one"), audit("create", "p"));
    List<Callable<String>> changes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String content = "change" + i;
      changes.add(
          () -> {
            try {
              return store.append(draft("p", content), 1, audit("update", "p")).policy();
            } catch (JudgeException e) {
              assertThat(e.reason()).isEqualTo(ErrorReason.POLICY_ETAG_MISMATCH);
              assertThat(e.metadata()).containsEntry("current_revision", "2");
              return "";
            }
          });
    }
    List<String> winners = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (Future<String> change : threads.invokeAll(changes)) {
        if (!change.get().isEmpty()) {
          winners.add(change.get());
        }
      }
    }
    assertThat(winners).hasSize(1);
    assertThat(store.current("p").orElseThrow().policy()).isEqualTo(winners.getFirst());
    assertThat(count("policy_revisions")).isEqualTo(2);
    assertThat(count("audit")).isEqualTo(2);
  }

  @Test
  void aDeletionIsARevision() {
    store.create("", "", draft("p", "one"), audit("create", "p"));
    assertRefused(
        ErrorReason.POLICY_ETAG_MISMATCH,
        () -> store.delete("p", 2, "eve", "", 5, audit("delete", "p")));
    PolicyRow deleted = store.delete("p", 1, "eve", "old", 5, audit("delete", "p"));
    assertThat(deleted).isEqualTo(new PolicyRow("p", 2, "one", "etag-one", "eve", "old", 5, true));
    assertThat(store.current("p")).contains(deleted);
    assertThat(store.revision("p", 1)).contains(row("p", 1, "one", false));
    assertThat(store.list(10, "").items()).isEmpty();
    assertRefused(
        ErrorReason.POLICY_DELETED, () -> store.append(draft("p", "x"), 2, audit("update", "p")));
    assertRefused(
        ErrorReason.POLICY_DELETED, () -> store.delete("p", 2, "", "", 5, audit("delete", "p")));
  }

  @Test
  void aDeletedPolicyCanBeTakenUpAgain() {
    store.create("", "", draft("p", "one"), audit("create", "p"));
    store.delete("p", 1, "", "", 5, audit("delete", "p"));
    assertThat(store.create("", "", draft("p", "two"), audit("create", "p")))
        .isEqualTo(row("p", 3, "two", false));
    assertThat(store.revisions("p", 10, "").items())
        .extracting(PolicyRow::revision)
        .containsExactly(3L, 2L, 1L);
  }

  @Test
  void refusesToChangeWhatDoesNotExist() {
    assertRefused(
        ErrorReason.POLICY_NOT_FOUND, () -> store.append(draft("p", "x"), 1, audit("update", "p")));
    assertRefused(
        ErrorReason.POLICY_NOT_FOUND, () -> store.delete("p", 1, "", "", 5, audit("delete", "p")));
    assertThat(store.revisions("p", 10, "")).isEqualTo(new Page<>(List.of(), ""));
    assertThat(count("audit")).isZero();
  }

  @Test
  void aChangeWithoutItsAuditRowDoesNotHappen() {
    store.create("", "", draft("p", "one"), audit("create", "p"));
    sabotage("alter table audit rename to audit_away");
    assertRefused(
        ErrorReason.INTERNAL, () -> store.append(draft("p", "two"), 1, audit("update", "p")));
    assertRefused(
        ErrorReason.INTERNAL, () -> store.create("id", "", draft("q", "x"), audit("create", "q")));
    assertRefused(
        ErrorReason.INTERNAL, () -> store.delete("p", 1, "", "", 5, audit("delete", "p")));
    sabotage("alter table audit_away rename to audit");
    assertThat(store.current("p").orElseThrow().revision()).isEqualTo(1);
    assertThat(store.current("q")).isEmpty();
    assertThat(count("requests")).isZero();
  }

  /** By code points on every database, whatever its locale. */
  @Test
  void listsByName() {
    List<String> names = List.of("a", "a-b", "a0", "aa", "ab", "b");
    for (String name : names.reversed()) {
      store.create("", "", draft(name, "x"), audit("create", name));
    }
    List<String> seen = new ArrayList<>();
    String token = "";
    do {
      Page<PolicyRow> page = store.list(2, token);
      page.items().forEach(row -> seen.add(row.name()));
      token = page.nextPageToken();
    } while (!token.isEmpty());
    assertThat(seen).isEqualTo(names);
    assertRefused(ErrorReason.INVALID_FIELD, () -> store.list(2, "nonsense"));
  }

  @Test
  void pagesRevisionsWhileOneIsAdded() {
    store.create("", "", draft("p", "x"), audit("create", "p"));
    for (int i = 1; i < 5; i++) {
      store.append(draft("p", "x"), i, audit("update", "p"));
    }
    Page<PolicyRow> first = store.revisions("p", 2, "");
    store.append(draft("p", "x"), 5, audit("update", "p"));
    Page<PolicyRow> second = store.revisions("p", 3, first.nextPageToken());
    assertThat(first.items()).extracting(PolicyRow::revision).containsExactly(5L, 4L);
    assertThat(second.items()).extracting(PolicyRow::revision).containsExactly(3L, 2L, 1L);
    assertThat(second.nextPageToken()).isEmpty();
    assertRefused(ErrorReason.INVALID_FIELD, () -> store.revisions("q", 2, first.nextPageToken()));
  }

  private static PolicyDraft draft(String name, String content) {
    return new PolicyDraft(name, content, "etag-" + content, "eve", "because", 77);
  }

  private static PolicyRow row(String name, long revision, String content, boolean deleted) {
    return new PolicyRow(name, revision, content, "etag-" + content, "eve", "because", 77, deleted);
  }
}
