package io.canaryjudge.demo;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the running totals of all instances again and again. What could not be sent is in the next
 * totals, so that nothing has to be kept.
 */
final class PushFeed implements Feed {

  private static final Logger logger = LoggerFactory.getLogger(PushFeed.class);

  // Four times per window, so that a window has everything long before it is sealed.
  private static final long INTERVAL_MILLIS = 250;
  private static final long LAST_SECONDS = 10;

  /** Sends totals by one protocol. Used by one thread at a time. */
  interface Sender {

    /** Sends totals as of a moment; returns when the judge has them. */
    void send(List<ServedRequests.Totals> totals, long timeMillis)
        throws IOException, InterruptedException;
  }

  private final Map<CheckoutInstance, ServedRequests> served;
  private final Sender sender;
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("feed").factory());

  PushFeed(List<CheckoutInstance> instances, Sender sender) {
    this.served =
        instances.stream().collect(Collectors.toMap(Function.identity(), ServedRequests::new));
    this.sender = sender;
    var _ =
        schedule.scheduleWithFixedDelay(
            this::send, INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void observe(Observation observation) {
    ServedRequests of = served.get(observation.target());
    if (of != null) { // a request of the trial before may end late
      of.record(observation);
    }
  }

  private void send() {
    try {
      sender.send(
          served.values().stream().map(ServedRequests::totals).toList(),
          System.currentTimeMillis());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      logger.warn("The totals could not be sent; they go with the next ones: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    schedule.execute(this::send);
    schedule.shutdown();
    try {
      if (!schedule.awaitTermination(LAST_SECONDS, TimeUnit.SECONDS)) {
        schedule.shutdownNow();
      }
    } catch (InterruptedException stopped) {
      schedule.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
