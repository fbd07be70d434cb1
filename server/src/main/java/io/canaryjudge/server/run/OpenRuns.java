package io.canaryjudge.server.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which runs take samples, and who is told. Telling is done under the monitor: who begins to listen
 * hears of every run exactly once, and of its end after that.
 */
final class OpenRuns {

  private static final Logger logger = LoggerFactory.getLogger(OpenRuns.class);

  private final Map<String, OpenRun> open = new LinkedHashMap<>();
  private final List<OpenRunListener> listeners = new ArrayList<>();

  /** Adds a listener, and tells it of every run. */
  synchronized Subscription add(OpenRunListener listener) {
    listeners.add(listener);
    open.values().forEach(run -> tell(run.terms().runId(), () -> listener.opened(run)));
    return () -> remove(listener);
  }

  private synchronized void remove(OpenRunListener listener) {
    listeners.remove(listener);
  }

  /** Tells of a run, unless that was done before. */
  synchronized void opened(OpenRun run) {
    String id = run.terms().runId();
    if (open.putIfAbsent(id, run) == null) {
      tellAll(id, listener -> listener.opened(run));
    }
  }

  /** Tells that a run has ended, unless nobody knew that it was open. */
  synchronized void ended(String id) {
    if (open.remove(id) != null) {
      tellAll(id, listener -> listener.ended(id));
    }
  }

  private void tellAll(String id, Consumer<OpenRunListener> what) {
    for (OpenRunListener listener : List.copyOf(listeners)) {
      tell(id, () -> what.accept(listener));
    }
  }

  /** A listener that fails must not keep a run from being created, or another from hearing. */
  private static void tell(String id, Runnable telling) {
    try {
      telling.run();
    } catch (RuntimeException e) {
      logger.error("A listener failed at run {}", id, e);
    }
  }
}
