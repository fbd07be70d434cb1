package io.canaryjudge.server.notify;

import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.store.Announcer;
import io.canaryjudge.server.store.NewNotification;
import io.canaryjudge.server.store.RunCommit;
import io.canaryjudge.server.store.RunRecord;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says to the store what each target is to be told of. Where too much waits for a target already,
 * what is new is written down as given up. Used by any thread.
 */
public final class NotificationQueue implements Announcer {

  private static final Logger LOG = LoggerFactory.getLogger(NotificationQueue.class);

  private final NotifySettings settings;
  private final InstantSource clock;
  private final NotifyAccounting accounting;
  private final Map<String, AtomicLong> waiting = new LinkedHashMap<>();
  private final AtomicBoolean news = new AtomicBoolean();
  private volatile Runnable wake = () -> {};

  /** That of the targets. */
  public NotificationQueue(
      NotifySettings settings, InstantSource clock, NotifyAccounting accounting) {
    this.settings = settings;
    this.clock = clock;
    this.accounting = accounting;
    settings.targets().forEach(target -> waiting.put(target.name(), new AtomicLong()));
  }

  /** Runs something whenever there is news in the outbox. */
  void whenNews(Runnable action) {
    wake = action;
  }

  /** How many notifications wait for a target, as counted in the outbox. */
  void counted(String target, long count) {
    AtomicLong own = waiting.get(target);
    if (own != null) {
      own.set(count);
    }
  }

  @Override
  public boolean silent() {
    return settings.targets().isEmpty();
  }

  @Override
  public List<NewNotification> created(RunRecord run) {
    long now = clock.millis();
    return tell(run, now, () -> List.of(RunEvents.opened(run, now)));
  }

  @Override
  public List<NewNotification> committed(
      RunRecord run, @Nullable Verdict before, RunCommit commit) {
    long now = clock.millis();
    return tell(run, now, () -> RunEvents.of(run, before, commit, now));
  }

  @Override
  public void durable() {
    if (news.getAndSet(false)) {
      wake.run();
    }
  }

  private List<NewNotification> tell(RunRecord run, long now, Supplier<List<RunEvent>> events) {
    if (silent()) {
      return List.of();
    }
    try {
      List<NewNotification> notifications = new ArrayList<>();
      for (RunEvent event : events.get()) {
        for (Target target : settings.targets()) {
          if (target.wants(event.kind(), run.service())) {
            notifications.add(notification(run, event, target.name(), now));
          }
        }
      }
      if (!notifications.isEmpty()) {
        news.set(true);
      }
      return notifications;
    } catch (RuntimeException e) {
      // A defect here must not stop the judgement: that is worth more than word of it.
      LOG.error("Run {}: nobody is told of what has just happened", run.id(), e);
      settings.targets().forEach(target -> accounting.givenUp(target.name()));
      return List.of();
    }
  }

  private NewNotification notification(RunRecord run, RunEvent event, String target, long now) {
    AtomicLong count = waiting.get(target);
    boolean full = count != null && count.incrementAndGet() > settings.maxWaiting();
    String problem = full ? "more than " + settings.maxWaiting() + " notifications wait" : "";
    if (full) {
      accounting.givenUp(target);
      LOG.warn("Notification {} to {} is given up: {}", event.id(), target, problem);
    }
    return new NewNotification(
        event.id(), target, run.id(), event.kind().word(), event.facts().toString(), now, problem);
  }
}
