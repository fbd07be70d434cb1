package io.canaryjudge.server.store;

import io.canaryjudge.server.error.JudgeException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Notifications that were written with what they tell of. Of one run and target each waits for the
 * one before it.
 *
 * <p>Every method throws a {@link JudgeException} of reason {@code STORE_UNAVAILABLE} while the
 * database cannot be reached. Those that write throw {@code STORE_TAKEN_OVER} once another server
 * judges the runs: it tells of them then.
 */
public interface Outbox {

  /**
   * Those to try now, oldest first: at most one of each run.
   *
   * @param limit at most so many
   */
  List<StoredNotification> due(String target, long nowMillis, int limit);

  /**
   * Makes durable what became of attempts, and that others begin: in one transaction. An attempt
   * that is on record before it is made is never taken for the first one afterwards.
   *
   * @param begin ids of waiting notifications
   */
  void advance(Collection<DeliveryOutcome> ended, Collection<Long> begin);

  /** What waits, by target; none of those that nothing waits for. */
  SortedMap<String, Backlog> backlog();

  /**
   * Gives up what waits for others than these targets since before a time.
   *
   * @return how many
   */
  int abandon(Set<String> targets, long beforeMillis, long nowMillis, String problem);

  /**
   * Deletes what was delivered or given up before a time.
   *
   * @param limit at most so many
   * @return how many
   */
  int purge(long beforeMillis, int limit);

  /**
   * Notifications, newest first.
   *
   * @param state only those in this state; null for all
   * @param target only those for this one; empty for all
   * @param pageSize at most so many, in [1, 1000]
   * @param pageToken of the page before, with the same filter; empty for the first
   * @throws JudgeException {@code INVALID_FIELD} if the token is not one of this list
   */
  Page<StoredNotification> list(
      StoredNotification.@Nullable State state, String target, int pageSize, String pageToken);

  /**
   * Lets one that was given up wait again, as if it had happened now.
   *
   * @return it, unless there is none of this id that was given up
   */
  Optional<StoredNotification> retry(long id, long nowMillis, String actor);
}
