package io.canaryjudge.server.store;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Notifications in a {@link Database}, written by the one server that writes its runs. */
final class JdbcOutbox implements Outbox {

  private final Database database;
  private final WriterEpoch epoch;

  JdbcOutbox(Database database, WriterEpoch epoch) {
    this.database = database;
    this.epoch = epoch;
  }

  @Override
  public List<StoredNotification> due(String target, long nowMillis, int limit) {
    return database.read(
        "find due notifications",
        connection -> NotificationRows.due(connection, target, nowMillis, limit));
  }

  @Override
  public void advance(Collection<DeliveryOutcome> ended, Collection<Long> begin) {
    write(
        "advance notifications",
        connection -> {
          NotificationRows.end(connection, ended);
          NotificationRows.begin(connection, begin);
          return begin;
        });
  }

  @Override
  public SortedMap<String, Backlog> backlog() {
    return database.read("count notifications", NotificationRows::backlog);
  }

  @Override
  public int abandon(Set<String> targets, long beforeMillis, long nowMillis, String problem) {
    List<String> others =
        backlog().keySet().stream().filter(target -> !targets.contains(target)).toList();
    if (others.isEmpty()) {
      return 0;
    }
    return write(
        "give up notifications",
        connection -> {
          int abandoned = 0;
          for (String target : others) {
            abandoned +=
                NotificationRows.abandon(connection, target, beforeMillis, nowMillis, problem);
          }
          return abandoned;
        });
  }

  @Override
  public int purge(long beforeMillis, int limit) {
    return write(
        "delete notifications",
        connection -> NotificationRows.purge(connection, beforeMillis, limit));
  }

  @Override
  public Page<StoredNotification> list(
      StoredNotification.@Nullable State state, String target, int pageSize, String pageToken) {
    PageTokens.requirePageSize(pageSize);
    String list = "notifications/" + state + "/" + target;
    PageTokens.Position after =
        PageTokens.decode(list, pageToken, new PageTokens.Position(Long.MAX_VALUE, ""));
    List<StoredNotification> rows =
        database.read(
            "list notifications",
            connection ->
                NotificationRows.list(connection, state, target, after.number(), pageSize + 1));
    return PageTokens.page(list, rows, pageSize, each -> new PageTokens.Position(each.id(), ""));
  }

  @Override
  public Optional<StoredNotification> retry(long id, long nowMillis, String actor) {
    return write(
        "retry notification " + id,
        connection -> {
          if (!NotificationRows.retry(connection, id, nowMillis)) {
            return Optional.empty();
          }
          Optional<StoredNotification> waiting = NotificationRows.find(connection, id);
          AuditRows.insert(
              connection,
              waiting.stream()
                  .map(
                      each ->
                          new AuditRow(
                              nowMillis,
                              actor,
                              "notification.retry",
                              "notifications/" + id,
                              each.event() + " to " + each.target()))
                  .toList());
          return waiting;
        });
  }

  private <T> T write(String task, SqlWork<T> work) {
    return database.write(
        task,
        connection -> {
          epoch.require(connection);
          return work.on(connection);
        });
  }
}
