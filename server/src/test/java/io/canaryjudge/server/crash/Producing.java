package io.canaryjudge.server.crash;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The producers of some runs, which send at once. */
final class Producing {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final List<JudgedRun> runs = new ArrayList<>();

  /** How a server ends. */
  interface End {
    void come() throws Exception;
  }

  void add(JudgedRun run) {
    runs.add(run);
  }

  List<JudgedRun> runs() {
    return runs;
  }

  List<ResendingProducer> producers() {
    return runs.stream().flatMap(run -> run.producers().stream()).toList();
  }

  /** Lets all of them send until the end of the server. */
  void sendUntil(ServerVictim server, End end) throws Exception {
    send(server, Long.MAX_VALUE, false, end);
  }

  /** Lets all of them send so many more batches, which are their last, until each is acked. */
  void finish(ServerVictim server, long more) throws Exception {
    send(server, more, true, () -> {});
  }

  private void send(ServerVictim server, long more, boolean last, End end) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (ResendingProducer producer : producers()) {
        long until = last ? producer.sent() + more : more;
        running.add(
            threads.submit(
                () -> {
                  producer.produce(server.channel(), until, last);
                  return null;
                }));
      }
      try {
        end.come();
        for (Future<?> each : running) {
          each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
      } catch (Exception | AssertionError e) {
        server.close(); // or they would go on for ever
        throw e;
      }
    }
  }

  /** Waits until so many more batches are acked. */
  void awaitAcks(long more) {
    long until = acked() + more;
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .atMost(PATIENCE)
        .until(() -> acked() >= until);
  }

  private long acked() {
    return producers().stream().mapToLong(ResendingProducer::acked).sum();
  }
}
