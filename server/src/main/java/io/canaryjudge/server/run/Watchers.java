package io.canaryjudge.server.run;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Those who are told of each new snapshot of one run. */
final class Watchers {

  private static final Logger logger = LoggerFactory.getLogger(Watchers.class);

  private final List<Watcher> watchers = new CopyOnWriteArrayList<>();

  /** Adds a listener, which hears of nothing up to a revision. */
  Subscription add(long afterRevision, Consumer<RunSnapshot> listener) {
    Watcher watcher = new Watcher(afterRevision, listener);
    watchers.add(watcher);
    return watcher;
  }

  /** Tells all of them. */
  void publish(RunSnapshot snapshot) {
    for (Watcher watcher : watchers) {
      watcher.tell(snapshot);
    }
  }

  /** One listener. Both the owner and the thread that adds it tell it, so it keeps the order. */
  private final class Watcher implements Subscription {

    private final Consumer<RunSnapshot> listener;
    private long toldRevision;
    private boolean closed;

    Watcher(long afterRevision, Consumer<RunSnapshot> listener) {
      this.toldRevision = afterRevision;
      this.listener = listener;
    }

    synchronized void tell(RunSnapshot snapshot) {
      if (closed || snapshot.verdict().revision() <= toldRevision) {
        return;
      }
      toldRevision = snapshot.verdict().revision();
      try {
        listener.accept(snapshot);
      } catch (RuntimeException e) {
        logger.error("A listener of run {} failed and hears nothing more", snapshot.run().id(), e);
        close();
      }
    }

    @Override
    public synchronized void close() {
      closed = true;
      watchers.remove(this);
    }
  }

  /** How many there are. */
  int count() {
    return watchers.size();
  }

  /** Tells one listener, if there is news for it. */
  static void tell(Subscription subscription, RunSnapshot snapshot) {
    ((Watcher) subscription).tell(snapshot);
  }
}
