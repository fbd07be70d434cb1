package io.canaryjudge.server.run;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.policy.StrataPolicy;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What the streams of a run share with its owner. */
final class RunGate {

  /** So many times the strata that a policy tells apart are kept. */
  private static final int KEPT_STRATA = 4;

  private final RunTerms terms;
  private final IngestLimits limits;
  private final SampleMemory memory;
  private final InstantSource clock;
  private final Runnable hurry;

  private final Map<Arm, Map<String, String>> instances =
      Map.of(Arm.BASELINE, new ConcurrentHashMap<>(), Arm.CANARY, new ConcurrentHashMap<>());
  private final Map<LayoutKey, LayoutSet> layouts = new ConcurrentHashMap<>();
  private final Map<Integer, Set<String>> strata = new ConcurrentHashMap<>();
  private final RunNotes notes;
  private final AtomicInteger cells = new AtomicInteger();
  private final AtomicLong heldBytes = new AtomicLong();
  private volatile long firstOpenWindow;
  private volatile boolean dirty;

  /**
   * Opens a gate.
   *
   * @param notes what is noted with the samples
   * @param memory what the samples of all runs share
   * @param hurry asks for a commit before its time
   */
  RunGate(
      RunTerms terms,
      IngestLimits limits,
      RunNotes notes,
      SampleMemory memory,
      InstantSource clock,
      Runnable hurry) {
    this.terms = terms;
    this.limits = limits;
    this.memory = memory;
    this.clock = clock;
    this.hurry = hurry;
    this.notes = notes;
  }

  RunTerms terms() {
    return terms;
  }

  IngestLimits limits() {
    return limits;
  }

  /** The lowest window that still takes samples. */
  long firstOpenWindow() {
    return firstOpenWindow;
  }

  /**
   * Lets no more samples into windows below an index. What streams took before is theirs to hand
   * over: the owner collects it once more after this, and may seal then.
   */
  void closeBelow(long window) {
    firstOpenWindow = Math.max(firstOpenWindow, window);
  }

  /** Samples from this moment on are refused, epoch milliseconds. */
  long endMillis() {
    return terms.retrospective()
        ? terms.endMillis()
        : Math.min(terms.endMillis(), clock.millis() + limits.maxAheadMillis());
  }

  /** Says that a stream has something for the next commit. */
  void markDirty() {
    if (!dirty) {
      dirty = true;
    }
  }

  /** Whether some stream has said so, and forgets it. */
  boolean clearDirty() {
    boolean was = dirty;
    dirty = false;
    return was;
  }

  boolean dirty() {
    return dirty;
  }

  void hurry() {
    hurry.run();
  }

  /** Takes room for one aggregate in an open window; false if there is none. */
  boolean takeCell() {
    if (memory.exhausted(heldBytes.get())) {
      return false;
    }
    if (cells.incrementAndGet() > limits.maxOpenCells()) {
      cells.decrementAndGet();
      return false;
    }
    return true;
  }

  void returnCells(int count) {
    cells.addAndGet(-count);
  }

  /** Counts aggregates that were recovered; these are never refused. */
  void addCells(int count) {
    cells.addAndGet(count);
  }

  int cells() {
    return cells.get();
  }

  /** Counts more memory that samples of the run hold, or less. */
  void hold(long bytes) {
    heldBytes.addAndGet(bytes);
    memory.hold(bytes);
  }

  /** Whether the run holds so much that its streams have to wait for the next commit. */
  boolean memoryIsScarce() {
    return memory.scarce(heldBytes.get());
  }

  /** Lets a session wait for that. */
  void awaitMemory(IngestSession session) {
    memory.await(session);
  }

  /** The name of an instance, one string for all streams; null if the arm has too many. */
  @Nullable String instance(Arm arm, String name) {
    Map<String, String> known = instances.getOrDefault(arm, Map.of());
    String same = known.get(name);
    if (same == null && known.size() < limits.maxInstancesPerArm()) {
      same = known.putIfAbsent(name, name);
      return same == null ? name : same;
    }
    return same;
  }

  /**
   * The name under which a stratum is kept. Of a metric that is not split there are none. More are
   * kept than are told apart, so that which ones are does not depend on the order of their arrival;
   * but not as many as anybody may send.
   */
  String stratum(int metric, String name) {
    StrataPolicy policy = terms.metrics().get(metric).strata();
    if (policy == null || name.isEmpty()) {
      return "";
    }
    Set<String> known = strata.computeIfAbsent(metric, _ -> new HashSet<>());
    synchronized (known) {
      boolean room = known.size() < KEPT_STRATA * policy.limit();
      return known.contains(name) || (room && known.add(name)) ? name : StrataPolicy.REST;
    }
  }

  /** What is noted with the samples. */
  RunNotes notes() {
    return notes;
  }

  /** The explicit histogram layouts of one metric of one instance. */
  LayoutSet layouts(int metric, Arm arm, String instance) {
    return layouts.computeIfAbsent(new LayoutKey(metric, arm, instance), _ -> new LayoutSet());
  }

  private record LayoutKey(int metric, Arm arm, String instance) {}
}
