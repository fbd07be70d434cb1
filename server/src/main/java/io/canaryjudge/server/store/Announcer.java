package io.canaryjudge.server.store;

import io.canaryjudge.analysis.verdict.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says what is to be told of runs to receivers outside. It is asked within the transaction of what
 * it tells of, and its answer becomes durable with that, or not at all; so it must neither block
 * nor throw.
 */
public interface Announcer {

  /** Tells nobody anything. */
  Announcer SILENT =
      new Announcer() {
        @Override
        public boolean silent() {
          return true;
        }

        @Override
        public List<NewNotification> created(RunRecord run) {
          return List.of();
        }

        @Override
        public List<NewNotification> committed(
            RunRecord run, @Nullable Verdict before, RunCommit commit) {
          return List.of();
        }

        @Override
        public void durable() {}
      };

  /** Whether there is nobody to tell, so that it need not be asked. */
  boolean silent();

  /**
   * A run is created.
   *
   * @param run as it begins
   */
  List<NewNotification> created(RunRecord run);

  /**
   * A run goes on.
   *
   * @param run as of the commit before
   * @param before the newest verdict on record then; null if there is none
   * @param commit what is new, with at least one verdict
   */
  List<NewNotification> committed(RunRecord run, @Nullable Verdict before, RunCommit commit);

  /** What it has said last is durable, or may be. */
  void durable();
}
