package io.canaryjudge.server;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes parts in the reverse order of their start, all of them within one time limit. */
final class ClosingStack {

  private static final Logger LOG = LoggerFactory.getLogger(ClosingStack.class);

  /** Closes one part. */
  @FunctionalInterface
  interface Part {

    /**
     * Closes.
     *
     * @param patience how long it may wait for what is in progress
     */
    void close(Duration patience) throws Exception;
  }

  private record Named(String name, Part part) {}

  private final Deque<Named> parts = new ArrayDeque<>();

  synchronized void push(String name, Part part) {
    parts.push(new Named(name, part));
  }

  /** Closes every part, also when some fail. */
  synchronized void close(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    while (!parts.isEmpty()) {
      Named next = parts.pop();
      Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
      try {
        next.part().close(left);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        LOG.error("{} did not close cleanly", next.name(), e);
      }
    }
  }
}
