package io.canaryjudge.server.run;

import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.RunStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gates of all runs that may not get GO at any time. They are looked at before each round of
 * commits, so that what they say comes before the windows that are sealed in it.
 */
final class ReleaseGates {
  /** The most times that the store is asked in one round. */
  private static final int MOST_ASKED = 20;

  private static final Logger logger = LoggerFactory.getLogger(ReleaseGates.class);

  private final RunStore store;
  private final Map<String, ReleaseGate> gates = new ConcurrentHashMap<>();

  ReleaseGates(RunStore store) {
    this.store = store;
  }

  /** Takes up a run, and tells it how things are. */
  void add(RunOwner owner, ReleaseRules rules, long nowMillis) {
    if (rules.equals(ReleaseRules.NONE)) {
      return;
    }
    ReleaseGate gate = new ReleaseGate(owner, rules, store);
    if (!gate.matters()) {
      return;
    }
    synchronized (gate) {
      gate.lookAtClock(nowMillis);
      askStore(gate, nowMillis);
      gates.put(owner.id(), gate);
    }
  }

  /** Tells each run what is new for it. */
  void look(long nowMillis) {
    gates.values().removeIf(gate -> !gate.matters());
    int asked = 0;
    for (ReleaseGate gate : gates.values()) {
      synchronized (gate) {
        gate.lookAtClock(nowMillis);
        if (asked < MOST_ASKED && gate.wantsStore(nowMillis)) {
          asked++;
          askStore(gate, nowMillis);
        }
      }
    }
  }

  private static void askStore(ReleaseGate gate, long nowMillis) {
    try {
      gate.lookAtStore(nowMillis);
    } catch (JudgeException e) {
      // Until it can be asked, GO is withheld.
      logger.debug("The store could not be asked for an earlier GO", e);
    }
  }
}
