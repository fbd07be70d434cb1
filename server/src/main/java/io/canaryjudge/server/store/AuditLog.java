package io.canaryjudge.server.store;

import io.canaryjudge.server.error.JudgeException;
import java.util.List;

/** Reads who did what. Written only together with what was done, by the other stores. */
public final class AuditLog {

  private final Database database;

  /** That of one database. */
  public AuditLog(Database database) {
    this.database = database;
  }

  /**
   * Rows, newest first.
   *
   * @param subject only what was done to this, such as {@code policies/standard}; empty for all
   * @param pageSize at most so many, in [1, 1000]
   * @param pageToken of the page before, with the same subject; empty for the first
   * @throws JudgeException {@code INVALID_FIELD} if the token is not one of this list
   */
  public Page<AuditRow> list(String subject, int pageSize, String pageToken) {
    PageTokens.requirePageSize(pageSize);
    String list = "audit/" + subject;
    PageTokens.Position after =
        PageTokens.decode(list, pageToken, new PageTokens.Position(Long.MAX_VALUE, ""));
    List<AuditRows.Numbered> rows =
        database.read(
            "list the audit",
            connection -> AuditRows.list(connection, subject, after.number(), pageSize + 1));
    Page<AuditRows.Numbered> page =
        PageTokens.page(list, rows, pageSize, row -> new PageTokens.Position(row.id(), ""));
    return new Page<>(
        page.items().stream().map(AuditRows.Numbered::row).toList(), page.nextPageToken());
  }
}
