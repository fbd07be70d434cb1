package io.canaryjudge.server.store;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Policies in a {@link Database}. Several servers may share one. */
public final class JdbcPolicyStore implements PolicyStore {

  private static final String CREATE_POLICY = "policy.create";

  private final Database database;

  /** Those of one database. */
  public JdbcPolicyStore(Database database) {
    this.database = database;
  }

  @Override
  public PolicyRow create(String requestId, String fingerprint, PolicyDraft draft, AuditRow audit) {
    return database.write(
        "create policy " + draft.name(),
        connection -> {
          if (!requestId.isEmpty()) {
            Optional<RequestRows.Made> before =
                RequestRows.claim(
                    connection,
                    CREATE_POLICY,
                    requestId,
                    fingerprint,
                    new RequestRows.Made(draft.name(), 0),
                    draft.createMillis());
            if (before.isPresent()) {
              return PolicyRows.find(connection, before.get().subject(), before.get().revision())
                  .orElseThrow();
            }
          }
          OptionalLong revision = PolicyRows.begin(connection, draft.name());
          if (revision.isEmpty()) {
            throw JudgeException.of(
                ErrorReason.POLICY_EXISTS,
                "name: " + draft.name() + " (expected: one that is not taken)");
          }
          if (!requestId.isEmpty()) {
            RequestRows.made(connection, CREATE_POLICY, requestId, revision.getAsLong());
          }
          return insert(connection, draft, revision.getAsLong(), false, audit);
        });
  }

  @Override
  public PolicyRow append(PolicyDraft draft, long expectedRevision, AuditRow audit) {
    return database.write(
        "change policy " + draft.name(),
        connection -> {
          long revision = advance(connection, draft.name(), expectedRevision, false);
          return insert(connection, draft, revision, false, audit);
        });
  }

  @Override
  public PolicyRow delete(
      String name,
      long expectedRevision,
      String author,
      String reason,
      long atMillis,
      AuditRow audit) {
    return database.write(
        "delete policy " + name,
        connection -> {
          long revision = advance(connection, name, expectedRevision, true);
          PolicyRow last = PolicyRows.find(connection, name, expectedRevision).orElseThrow();
          PolicyDraft draft =
              new PolicyDraft(name, last.policy(), last.etag(), author, reason, atMillis);
          return insert(connection, draft, revision, true, audit);
        });
  }

  private static PolicyRow insert(
      Connection connection, PolicyDraft draft, long revision, boolean deleted, AuditRow audit)
      throws SQLException {
    PolicyRow row =
        new PolicyRow(
            draft.name(),
            revision,
            draft.policy(),
            draft.etag(),
            draft.author(),
            draft.reason(),
            draft.createMillis(),
            deleted);
    PolicyRows.insert(connection, row);
    AuditRows.insert(connection, List.of(audit));
    return row;
  }

  private static long advance(
      Connection connection, String name, long expectedRevision, boolean deleted)
      throws SQLException {
    OptionalLong revision = PolicyRows.advance(connection, name, expectedRevision, deleted);
    if (revision.isPresent()) {
      return revision.getAsLong();
    }
    PolicyRow current =
        PolicyRows.current(connection, name)
            .orElseThrow(
                () ->
                    JudgeException.of(
                        ErrorReason.POLICY_NOT_FOUND,
                        "policy: " + name + " (expected: one that exists)"));
    if (current.deleted()) {
      throw JudgeException.of(
          ErrorReason.POLICY_DELETED, "policy: " + name + " (expected: one that is not deleted)");
    }
    throw JudgeException.of(
            ErrorReason.POLICY_ETAG_MISMATCH,
            "policy "
                + name
                + ": revision "
                + expectedRevision
                + " (expected: the current one, "
                + current.revision()
                + "); read it again and redo the change")
        .with("current_revision", Long.toString(current.revision()));
  }

  @Override
  public Optional<PolicyRow> current(String name) {
    return database.read("find policy " + name, connection -> PolicyRows.current(connection, name));
  }

  @Override
  public Optional<PolicyRow> revision(String name, long revision) {
    return database.read(
        "find revision " + revision + " of policy " + name,
        connection -> PolicyRows.find(connection, name, revision));
  }

  @Override
  public Page<PolicyRow> list(int pageSize, String pageToken) {
    PageTokens.requirePageSize(pageSize);
    String list = "policies";
    PageTokens.Position after = PageTokens.decode(list, pageToken, new PageTokens.Position(0, ""));
    List<PolicyRow> rows =
        database.read(
            "list policies", connection -> PolicyRows.list(connection, after.name(), pageSize + 1));
    return PageTokens.page(list, rows, pageSize, row -> new PageTokens.Position(0, row.name()));
  }

  @Override
  public Page<PolicyRow> revisions(String name, int pageSize, String pageToken) {
    PageTokens.requirePageSize(pageSize);
    String list = "policies/" + name;
    PageTokens.Position after =
        PageTokens.decode(list, pageToken, new PageTokens.Position(Long.MAX_VALUE, ""));
    List<PolicyRow> rows =
        database.read(
            "list revisions of policy " + name,
            connection -> PolicyRows.revisions(connection, name, after.number(), pageSize + 1));
    return PageTokens.page(
        list, rows, pageSize, row -> new PageTokens.Position(row.revision(), ""));
  }
}
