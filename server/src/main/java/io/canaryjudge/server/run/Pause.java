package io.canaryjudge.server.run;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A pause between two rounds, which can be cut short. */
final class Pause {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition over = lock.newCondition();
  private boolean cutShort;

  /** Waits, unless it was cut short since the last pause. */
  void pause(long millis) throws InterruptedException {
    lock.lock();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
      while (!cutShort && nanos > 0) {
        nanos = over.awaitNanos(nanos);
      }
      cutShort = false;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the present pause, or the next one. */
  void cutShort() {
    lock.lock();
    try {
      cutShort = true;
      over.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
