package io.canaryjudge.server;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What one logger says, from INFO up, until this is closed. */
public final class CapturedLog extends Handler implements AutoCloseable {

  // Held here: a logger that nobody refers to forgets its level.
  private final Logger logger;
  private final Level levelBefore;
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  private CapturedLog(Logger logger) {
    this.logger = logger;
    this.levelBefore = logger.getLevel();
  }

  /** Listens to the logger of a class. */
  public static CapturedLog of(Class<?> type) {
    CapturedLog log = new CapturedLog(Logger.getLogger(type.getName()));
    log.logger.setLevel(Level.INFO);
    log.logger.addHandler(log);
    return log;
  }

  /** What was said at a level. */
  public List<String> lines(Level level) {
    return records.stream()
        .filter(each -> each.getLevel().equals(level))
        .map(each -> new SimpleFormatter().formatMessage(each))
        .toList();
  }

  @Override
  public void publish(LogRecord record) {
    records.add(record);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setLevel(levelBefore);
  }
}
