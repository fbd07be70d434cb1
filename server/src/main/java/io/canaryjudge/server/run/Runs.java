package io.canaryjudge.server.run;

import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.Page;
import io.canaryjudge.server.store.RunFilter;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.StoredVerdict;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * All runs, open and ended: what the doors use.
 *
 * <p>Methods that return a value may wait for the database, so they are called on virtual threads.
 * Futures are completed after the commit, on the run's own thread: what follows must not block. A
 * method throws, or its future fails with, a {@link JudgeException}: {@code RUN_NOT_FOUND} for an
 * unknown id, {@code STORE_UNAVAILABLE}, {@code DRAINING} while the server stops, and what is named
 * at each method. Fields of violations are named as in the API.
 */
public interface Runs {

  /**
   * Opens a run.
   *
   * @return the new run; for a repeat of the request, what the first one returned
   * @throws JudgeException {@code INVALID_FIELD} with every violation, {@code SAME_VERSION}, {@code
   *     REQUEST_ID_REUSED}, {@code LIMIT_REACHED} if too many runs are open, and what choosing the
   *     policy throws
   */
  RunRecord create(CreateRun request);

  /** One run, with the state and the decision of its newest committed verdict. */
  RunRecord find(String id);

  /**
   * Runs, newest first.
   *
   * @param pageSize at most so many, in [1, 1000]
   * @param pageToken of the page before; empty for the first
   */
  Page<RunRecord> list(RunFilter filter, int pageSize, String pageToken);

  /** The newest committed verdict. It covers every window that was sealed and committed before. */
  RunSnapshot snapshot(String id);

  /**
   * Recorded verdicts of a run, newest first.
   *
   * @param pageSize at most so many, in [1, 1000]
   * @param pageToken of the page before; empty for the first
   */
  Page<StoredVerdict> verdicts(String id, int pageSize, String pageToken);

  /**
   * One recorded verdict.
   *
   * @throws JudgeException {@code VERDICT_NOT_FOUND} if none is on record for that revision
   */
  StoredVerdict verdict(String id, long revision);

  /**
   * Judges a run again from its stored log, as far as it is committed, and compares with every
   * verdict on record. Takes about as much processor time as the run took.
   */
  RunReplay.Outcome replay(String id);

  /**
   * Completed by the first {@linkplain RunSnapshot#terminal() terminal} snapshot, at once if that
   * is the present one. Callers set their own limit and cancel the future when they stop waiting.
   */
  CompletableFuture<RunSnapshot> awaitTerminal(String id);

  /**
   * Tells of the newest snapshot after each commit, beginning with the present one.
   *
   * <p>Snapshots come one at a time, with rising revisions; some may be skipped, the last never is.
   * After one whose verdict is not open nothing follows.
   *
   * @param afterRevision tells of no revision up to this one
   * @param listener must neither block nor throw
   */
  Subscription watch(String id, long afterRevision, Consumer<RunSnapshot> listener);

  /**
   * Traffic is at a step now. Reporting the present step again changes nothing.
   *
   * @param step index, at least that of the present step
   * @param weight the canary's share of traffic in percent, in [0, 100]
   * @param actor who calls; may be empty
   * @return fails with {@code INVALID_FIELD} or {@code RUN_CLOSED}
   */
  CompletableFuture<RunSnapshot> reportStep(String id, int step, double weight, String actor);

  /**
   * A check says something. The last report of a name counts.
   *
   * @param check name, {@code [a-z][a-z0-9-]{0,62}}; at most 64 different ones in a run
   * @param reason why, for people; at most 2,000 characters
   * @param link where to read on; at most 2,000 characters
   * @param actor who calls; may be empty
   * @return fails with {@code INVALID_FIELD}, {@code LIMIT_REACHED} or {@code RUN_CLOSED}
   */
  CompletableFuture<RunSnapshot> reportCheck(
      String id, String check, CheckOutcome outcome, String reason, String link, String actor);

  /**
   * A person decides, also after the end of the run. The last one counts.
   *
   * @param decision GO or NO_GO
   * @param author who decides; 1 to 200 characters
   * @param reason why; 1 to 2,000 characters
   * @param actor who calls; may be empty
   * @return fails with {@code INVALID_FIELD}
   */
  CompletableFuture<RunSnapshot> override(
      String id, Decision decision, String author, String reason, String actor);

  /**
   * Ends a run without a decision. A cancelled run is returned unchanged.
   *
   * @param author who cancels; at most 200 characters
   * @param reason why; at most 2,000 characters
   * @param actor who calls; may be empty
   * @return fails with {@code INVALID_FIELD}, or {@code RUN_CLOSED} if the run has ended otherwise
   */
  CompletableFuture<RunSnapshot> cancel(String id, String author, String reason, String actor);

  /**
   * Tells of every run that takes samples: of those that do now before this returns, and of each
   * that is opened later.
   */
  Subscription watchOpenRuns(OpenRunListener listener);

  /**
   * Opens the stream of one producer; an older stream of it ends with {@code STREAM_REPLACED}.
   *
   * <p>Returns at once, also on a transport's thread. The listener is told that the stream is open,
   * or that it ended: {@code RUN_NOT_FOUND}, {@code RUN_CLOSED}, {@code LIMIT_REACHED}, {@code
   * DRAINING}.
   *
   * @param producer identity of the sender, checked by the door
   */
  void openStream(String runId, String producer, Door door, IngestListener listener);
}
