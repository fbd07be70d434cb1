package io.canaryjudge.server.run;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.EntryConsumer;
import io.canaryjudge.server.store.NewRun;
import io.canaryjudge.server.store.Page;
import io.canaryjudge.server.store.RunCommit;
import io.canaryjudge.server.store.RunFilter;
import io.canaryjudge.server.store.RunHistory;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.RunStore;
import io.canaryjudge.server.store.StoredGo;
import io.canaryjudge.server.store.StoredVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A real store, in front of which commits can go wrong. */
public final class FaultyRunStore implements RunStore {

  /** How a commit goes wrong. */
  public enum Fault {
    /** Nothing happens, and the caller is told so. */
    BEFORE,

    /** It is made, but the caller is told that the database did not answer. */
    AFTER
  }

  private final RunStore store;
  private final List<List<RunCommit>> commits = new ArrayList<>();
  private volatile Fault fault;
  private volatile String poisonedRun = "";

  public FaultyRunStore(RunStore store) {
    this.store = store;
  }

  /** Lets all commits go wrong from now on. */
  public void fail(Fault how) {
    fault = how;
  }

  /** Lets commits through again. */
  public void heal() {
    fault = null;
  }

  /** Lets every commit with this run go wrong in a way that does not pass. */
  public void poison(String runId) {
    poisonedRun = runId;
  }

  /** The commits that were tried, each as a group. */
  public synchronized List<List<RunCommit>> commits() {
    return List.copyOf(commits);
  }

  @Override
  public void commit(List<RunCommit> group) {
    synchronized (this) {
      commits.add(group);
    }
    if (group.stream().anyMatch(commit -> commit.runId().equals(poisonedRun))) {
      throw JudgeException.of(ErrorReason.INTERNAL, "poisoned");
    }
    Fault present = fault;
    if (present != Fault.BEFORE) {
      store.commit(group);
    }
    if (present != null) {
      throw JudgeException.of(ErrorReason.STORE_UNAVAILABLE, "as the test wants it");
    }
  }

  @Override
  public RunRecord create(NewRun run) {
    return store.create(run);
  }

  @Override
  public Optional<RunRecord> find(String id) {
    return store.find(id);
  }

  @Override
  public Page<RunRecord> list(RunFilter filter, int pageSize, String pageToken) {
    return store.list(filter, pageSize, pageToken);
  }

  @Override
  public List<StoredGo> gos(String service, String artifactDigest, String environment) {
    return store.gos(service, artifactDigest, environment);
  }

  @Override
  public List<RunRecord> open() {
    return store.open();
  }

  @Override
  public RunHistory load(String runId) {
    return store.load(runId);
  }

  @Override
  public void readLog(String runId, EntryConsumer each) {
    store.readLog(runId, each);
  }

  @Override
  public Page<StoredVerdict> verdicts(String runId, int pageSize, String pageToken) {
    return store.verdicts(runId, pageSize, pageToken);
  }

  @Override
  public Optional<StoredVerdict> verdict(String runId, long revision) {
    return store.verdict(runId, revision);
  }
}
