package io.canaryjudge.server.notify;

import java.util.HashSet;
import java.util.Set;

/** What goes on with one target. Of the notifier's thread. */
final class Lane {

  private final Target target;
  private final WebhookClient client;
  private final Set<Long> underWay = new HashSet<>();
  private long notBeforeMillis = Long.MIN_VALUE;
  private boolean failing;

  Lane(Target target, WebhookClient client) {
    this.target = target;
    this.client = client;
  }

  String name() {
    return target.name();
  }

  WebhookClient client() {
    return client;
  }

  /** Ids of the notifications that are being sent, or whose outcome is not on record yet. */
  Set<Long> underWay() {
    return underWay;
  }

  /** How many more may be sent now. */
  int room(int most, long nowMillis) {
    return nowMillis < notBeforeMillis ? 0 : most - underWay.size();
  }

  /** The target asks to be left alone. */
  void waitUntil(long millis) {
    notBeforeMillis = Math.max(notBeforeMillis, millis);
  }

  /** Notes whether the newest attempt failed; returns whether that is news. */
  boolean failing(boolean now) {
    boolean news = failing != now;
    failing = now;
    return news;
  }
}
