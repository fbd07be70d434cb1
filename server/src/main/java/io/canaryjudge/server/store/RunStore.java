package io.canaryjudge.server.store;

import io.canaryjudge.server.error.JudgeException;
import java.util.List;
import java.util.Optional;

/**
 * Runs, their logs and their verdicts.
 *
 * <p>Every method throws a {@link JudgeException} of reason {@code STORE_UNAVAILABLE} while the
 * database cannot be reached, and may be called by any thread.
 */
public interface RunStore {

  /**
   * Creates a run.
   *
   * @return the run as it is now, which for a repeat is the one that the first request created
   * @throws JudgeException {@code REQUEST_ID_REUSED} if the request id came with another
   *     fingerprint
   */
  RunRecord create(NewRun run);

  /** One run. */
  Optional<RunRecord> find(String id);

  /**
   * Runs, newest first; of the same millisecond by id.
   *
   * @param pageSize at most so many, in [1, 1000]
   * @param pageToken of the page before, with the same filter; empty for the first
   * @throws JudgeException {@code INVALID_FIELD} if the token is not one of this list
   */
  Page<RunRecord> list(RunFilter filter, int pageSize, String pageToken);

  /**
   * Live runs of an artifact in an environment whose decision is GO now, newest first; at most 20.
   *
   * @param artifactDigest not empty
   */
  List<StoredGo> gos(String service, String artifactDigest, String environment);

  /** Runs that still take samples, oldest first: those to go on with after a start. */
  List<RunRecord> open();

  /**
   * Makes the progress of many runs durable in one transaction: all of it, or nothing.
   *
   * <p>After {@code STORE_UNAVAILABLE} the outcome is unknown; commit the same again (others may be
   * added), see {@link RunCommit#number}.
   *
   * @param commits may hold several of one run, in their order
   * @throws JudgeException {@code INTERNAL} if a commit does not follow what is stored
   */
  void commit(List<RunCommit> commits);

  /**
   * What it takes to go on with a run.
   *
   * @throws JudgeException {@code RUN_NOT_FOUND}
   */
  RunHistory load(String runId);

  /**
   * Reads the log from its beginning as of now, empty windows included.
   *
   * @throws JudgeException {@code RUN_NOT_FOUND}
   */
  void readLog(String runId, EntryConsumer each);

  /**
   * Verdicts on record, newest first; none if there is no such run.
   *
   * @param pageSize at most so many, in [1, 1000]
   * @param pageToken of the page before, of the same run; empty for the first
   * @throws JudgeException {@code INVALID_FIELD} if the token is not one of this list
   */
  Page<StoredVerdict> verdicts(String runId, int pageSize, String pageToken);

  /** The verdict of one revision, if it is on record. */
  Optional<StoredVerdict> verdict(String runId, long revision);
}
