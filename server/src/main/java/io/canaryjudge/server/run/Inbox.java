package io.canaryjudge.server.run;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Messages to one owner, in their order. Those of the process itself always find room, since there
 * is at most one of each kind under way; others are bounded.
 *
 * @param <M> the messages
 */
final class Inbox<M> {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition notEmpty = lock.newCondition();
  private final ArrayDeque<M> messages = new ArrayDeque<>();
  private final int capacity;
  private boolean closed;

  Inbox(int capacity) {
    this.capacity = capacity;
  }

  /** What became of a message. */
  enum Offer {
    /** The owner will see it. */
    TAKEN,

    /** There is no room now. */
    FULL,

    /** The owner takes nothing any more. */
    CLOSED
  }

  /** Offers a message. */
  Offer offer(M message) {
    return add(message, false);
  }

  /** Offers a message that always finds room; false if the owner takes nothing any more. */
  boolean force(M message) {
    return add(message, true) == Offer.TAKEN;
  }

  private Offer add(M message, boolean always) {
    lock.lock();
    try {
      if (closed) {
        return Offer.CLOSED;
      }
      if (!always && messages.size() >= capacity) {
        return Offer.FULL;
      }
      messages.add(message);
      notEmpty.signal();
      return Offer.TAKEN;
    } finally {
      lock.unlock();
    }
  }

  /** The next message; null once the inbox is closed. */
  @Nullable M take() throws InterruptedException {
    lock.lock();
    try {
      while (messages.isEmpty() && !closed) {
        notEmpty.await();
      }
      return messages.poll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes nothing any more, unless there are messages left: returns whether it is closed. */
  boolean closeIfEmpty() {
    lock.lock();
    try {
      if (messages.isEmpty()) {
        closed = true;
        notEmpty.signalAll();
      }
      return closed;
    } finally {
      lock.unlock();
    }
  }
}
