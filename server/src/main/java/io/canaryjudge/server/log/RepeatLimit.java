package io.canaryjudge.server.log;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Keeps a fault that repeats itself from filling the disk: of the warnings and errors of one
 * logger, the first few of each period are written, and the next one written says how many were
 * not. The time is that of the records.
 */
final class RepeatLimit implements Filter {

  private static final int MOST_PER_PERIOD = 20;
  private static final Duration PERIOD = Duration.ofSeconds(10);

  private record Count(Instant since, int written, long suppressed) {}

  private final Map<String, Count> counts = new ConcurrentHashMap<>();

  @Override
  public boolean isLoggable(LogRecord record) {
    if (record.getLevel().intValue() < Level.WARNING.intValue()) {
      return true;
    }
    boolean[] written = new boolean[1];
    counts.compute(
        String.valueOf(record.getLoggerName()),
        (logger, count) -> {
          if (count == null || !record.getInstant().isBefore(count.since().plus(PERIOD))) {
            if (count != null && count.suppressed() > 0) {
              record.setMessage(
                  record.getMessage() + " (and " + count.suppressed() + " more were not written)");
            }
            written[0] = true;
            return new Count(record.getInstant(), 1, 0);
          }
          written[0] = count.written() < MOST_PER_PERIOD;
          return written[0]
              ? new Count(count.since(), count.written() + 1, count.suppressed())
              : new Count(count.since(), count.written(), count.suppressed() + 1);
        });
    return written[0];
  }
}
