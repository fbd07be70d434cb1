package io.canaryjudge.server.notify;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.Backlog;
import io.canaryjudge.server.store.DeliveryOutcome;
import io.canaryjudge.server.store.Outbox;
import io.canaryjudge.server.store.StoredNotification;
import io.canaryjudge.server.store.StoredNotification.State;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers what is in the outbox.
 *
 * <p>One thread goes in rounds: it writes down what became of attempts and which ones begin, in one
 * transaction, and only then lets these begin, each on a virtual thread. So the number of an
 * attempt is true even if the process ends in the middle of it; and as every target has its own
 * room, a slow one holds up nobody else.
 */
public final class Notifier {

  private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);

  private static final long PAUSE_MILLIS = 1_000; // at most, from one round to the next
  private static final long COUNT_MILLIS = 5_000; // from one look at the whole outbox to the next
  private static final long PURGE_MILLIS = 60_000;
  private static final int PURGED_AT_ONCE = 1_000;

  private record Ended(Lane lane, StoredNotification notification, int number, Attempt attempt) {}

  private final Outbox outbox;
  private final NotifySettings settings;
  private final NotificationQueue queue;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final NotifyAccounting accounting;
  private final Map<String, Lane> lanes = new LinkedHashMap<>();
  private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();
  private final Semaphore signals = new Semaphore(0);
  private final Thread rounds = Thread.ofPlatform().name("notifier").unstarted(this::goRound);
  private volatile boolean stopping;
  private volatile boolean takenOver;

  // Of the thread that goes round.
  private final List<Ended> unwritten = new ArrayList<>();
  private long countedMillis = Long.MIN_VALUE;
  private long purgedMillis = Long.MIN_VALUE;
  private boolean storeAway;

  /**
   * Prepares; nothing is sent before {@link #start}.
   *
   * @param queue what fills the outbox
   * @param random spreads attempts that failed
   */
  public Notifier(
      Outbox outbox,
      NotifySettings settings,
      NotificationQueue queue,
      InstantSource clock,
      RandomGenerator random,
      NotifyAccounting accounting) {
    this.outbox = outbox;
    this.settings = settings;
    this.queue = queue;
    this.clock = clock;
    this.random = random;
    this.accounting = accounting;
    Messages messages = new Messages(settings.publicUrl());
    for (Target target : settings.targets()) {
      lanes.put(
          target.name(),
          new Lane(target, new WebhookClient(target, messages, settings.timeout(), clock)));
    }
    queue.whenNews(signals::release);
  }

  /** Begins to deliver. */
  public void start() {
    if (!lanes.isEmpty()) {
      LOG.info("Notifications go to {}", lanes.keySet());
    }
    rounds.start();
  }

  private void goRound() {
    try {
      while (!stopping && !takenOver) {
        if (!round()) {
          pause();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void pause() throws InterruptedException {
    if (signals.tryAcquire(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
      signals.drainPermits();
    }
  }

  /** Writes down what has ended and begins what is due. Returns whether there was anything. */
  boolean round() {
    long now = clock.millis();
    try {
      boolean moved = advance(now);
      if (now - countedMillis >= COUNT_MILLIS || countedMillis == Long.MIN_VALUE) {
        countedMillis = now;
        count(now);
      }
      if (storeAway) {
        storeAway = false;
        LOG.info("The outbox can be used again");
      }
      return moved;
    } catch (JudgeException e) {
      if (e.reason() == ErrorReason.STORE_TAKEN_OVER) {
        takenOver = true;
        LOG.error("Another server tells of the runs now: {}", e.getMessage());
      } else if (!storeAway) {
        storeAway = true;
        LOG.warn("Notifications wait for the database: {}", e.getMessage());
      }
      return false;
    } catch (RuntimeException e) {
      LOG.error("A round of notifications failed", e);
      return false;
    }
  }

  private boolean advance(long now) {
    for (Ended each = ended.poll(); each != null; each = ended.poll()) {
      unwritten.add(each);
    }
    Map<StoredNotification, Lane> begin = new LinkedHashMap<>();
    if (!stopping) {
      lanes.values().forEach(lane -> due(lane, now).forEach(each -> begin.put(each, lane)));
    }
    if (unwritten.isEmpty() && begin.isEmpty()) {
      return false;
    }
    Map<Ended, DeliveryOutcome> outcomes =
        unwritten.stream()
            .collect(
                Collectors.toMap(
                    each -> each, each -> outcome(each, now), (a, _) -> a, LinkedHashMap::new));
    outbox.advance(outcomes.values(), begin.keySet().stream().map(StoredNotification::id).toList());
    unwritten.clear();
    outcomes.forEach(this::written);
    begin.forEach(this::begin);
    return true;
  }

  private List<StoredNotification> due(Lane lane, long now) {
    int room = lane.room(settings.concurrency(), now);
    if (room <= 0) {
      return List.of();
    }
    return outbox.due(lane.name(), now, room + lane.underWay().size()).stream()
        .filter(each -> !lane.underWay().contains(each.id()))
        .limit(room)
        .toList();
  }

  private void begin(StoredNotification notification, Lane lane) {
    lane.underWay().add(notification.id());
    int number = notification.attempts() + 1;
    Thread.ofVirtual()
        .name("notify-" + lane.name())
        .start(() -> attempt(lane, notification, number));
  }

  private void attempt(Lane lane, StoredNotification notification, int number) {
    Attempt attempt;
    try {
      attempt = lane.client().send(notification, number);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      attempt = Attempt.failed(AttemptOutcome.UNREACHABLE, "broken off");
    } catch (RuntimeException e) {
      LOG.error("Notification {} to {}: a defect", notification.event(), lane.name(), e);
      attempt = Attempt.failed(AttemptOutcome.UNREADABLE, Texts.line(e.toString(), 300));
    }
    ended.add(new Ended(lane, notification, number, attempt));
    signals.release();
  }

  private DeliveryOutcome outcome(Ended end, long now) {
    Attempt attempt = end.attempt();
    StoredNotification notification = end.notification();
    long id = notification.id();
    long deadline = notification.sinceMillis() + settings.maxAge().toMillis();
    return switch (attempt.outcome()) {
      case DELIVERED -> new DeliveryOutcome(id, State.DELIVERED, now, now, "");
      case REFUSED, UNREADABLE ->
          new DeliveryOutcome(id, State.GIVEN_UP, now, now, attempt.problem());
      case LIMITED, REDIRECTED, STATUS, TIMEOUT, UNREACHABLE, CREDENTIALS -> {
        if (now >= deadline) {
          yield new DeliveryOutcome(id, State.GIVEN_UP, now, now, attempt.problem());
        }
        OptionalLong asked = attempt.retryAfterMillis();
        long pause = Math.max(Backoff.millis(end.number(), random), asked.orElse(0));
        // The last attempt is made at the end of the time that there is.
        long next = Math.min(now + pause, Math.max(deadline, now + asked.orElse(0)));
        yield new DeliveryOutcome(id, State.WAITING, now, next, attempt.problem());
      }
    };
  }

  private void written(Ended end, DeliveryOutcome outcome) {
    Lane lane = end.lane();
    lane.underWay().remove(outcome.id());
    String event = end.notification().event();
    boolean delivered = outcome.state() == State.DELIVERED;
    if (delivered) {
      accounting.delivered(lane.name());
      if (lane.failing(false)) {
        LOG.info("{} takes notifications again", lane.name());
      }
      return;
    }
    accounting.failed(lane.name(), end.attempt().outcome());
    end.attempt().retryAfterMillis().ifPresent(pause -> lane.waitUntil(outcome.atMillis() + pause));
    if (outcome.state() == State.GIVEN_UP) {
      accounting.givenUp(lane.name());
      LOG.warn(
          "Notification {} to {} is given up after {} attempts: {}",
          event,
          lane.name(),
          end.number(),
          outcome.problem());
    } else if (lane.failing(true)) {
      LOG.warn("Notification {} to {} failed: {}", event, lane.name(), outcome.problem());
    }
  }

  /** Looks at the whole outbox: what waits, what waits for nobody, what can be deleted. */
  private void count(long now) {
    SortedMap<String, Backlog> backlog = outbox.backlog();
    for (String target : lanes.keySet()) {
      Backlog own = backlog.getOrDefault(target, new Backlog(0, now));
      queue.counted(target, own.waiting());
      accounting.waiting(target, own.waiting(), Math.max(0, now - own.oldestMillis()));
    }
    if (!lanes.keySet().containsAll(backlog.keySet())) {
      int abandoned =
          outbox.abandon(
              lanes.keySet(), now - settings.maxAge().toMillis(), now, "there is no such target");
      if (abandoned > 0) {
        LOG.warn("{} notifications to targets that are not configured are given up", abandoned);
      }
    }
    if (purgedMillis == Long.MIN_VALUE || now - purgedMillis >= PURGE_MILLIS) {
      int purged = outbox.purge(now - settings.retention().toMillis(), PURGED_AT_ONCE);
      purgedMillis = purged < PURGED_AT_ONCE ? now : Long.MIN_VALUE;
    }
  }

  /** How many attempts are under way, or have ended but are not written down. */
  int underWay() {
    return lanes.values().stream().mapToInt(lane -> lane.underWay().size()).sum();
  }

  /** How many attempts have ended but were not seen by a round. */
  int endedAttempts() {
    return ended.size();
  }

  /**
   * Begins nothing more, waits for what is under way, and writes down what became of it. What is
   * not over by then is sent again after the next start, as a repeat.
   */
  public void close(Duration patience) throws InterruptedException {
    stopping = true;
    signals.release();
    long deadline = System.nanoTime() + patience.toNanos();
    boolean over =
        rounds.getState() == Thread.State.NEW || rounds.join(Duration.ofNanos(patience.toNanos()));
    if (over) {
      while (!takenOver && underWay() > 0 && deadline - System.nanoTime() > 0) {
        boolean _ =
            signals.tryAcquire(
                Math.min(100_000_000, Math.max(1, deadline - System.nanoTime())),
                TimeUnit.NANOSECONDS);
        round();
      }
    }
    lanes.values().forEach(lane -> lane.client().close());
  }
}
