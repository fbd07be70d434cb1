package io.canaryjudge.server.run;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is told to move. */
public final class FakeClock implements InstantSource {

  private final AtomicLong millis =
      new AtomicLong(Instant.parse("2026-11-21T08:00:00Z").toEpochMilli());

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(millis.get());
  }

  @Override
  public long millis() {
    return millis.get();
  }

  /** Moves on, or back. */
  public void advance(long byMillis) {
    millis.addAndGet(byMillis);
  }
}
