package io.canaryjudge.client;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The one thread that owns a producer's state. Tasks run one after another; after the end, tasks
 * are ignored.
 */
final class SerialLoop {

  private final ScheduledThreadPoolExecutor executor;

  SerialLoop(String name) {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            Thread.ofPlatform().daemon().name(name).factory(),
            // The queue has no bound, so a task is rejected after the end only: nobody waits for
            // it.
            new ThreadPoolExecutor.DiscardPolicy());
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  void run(Runnable task) {
    executor.execute(() -> visibly(task));
  }

  void after(long millis, Runnable task) {
    var _ = executor.schedule(() -> visibly(task), millis, TimeUnit.MILLISECONDS);
  }

  void every(Duration interval, Runnable task) {
    var _ =
        executor.scheduleWithFixedDelay(
            () -> visibly(task), interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Runs the code of somebody else, whose failure is theirs. */
  void tell(Runnable listener) {
    visibly(listener);
  }

  void end() {
    executor.shutdown();
  }

  /** A scheduled task that throws would be dropped without a word. */
  private static void visibly(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      Thread self = Thread.currentThread();
      self.getUncaughtExceptionHandler().uncaughtException(self, e);
    }
  }
}
