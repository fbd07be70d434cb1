package io.canaryjudge.server.log;

import io.canaryjudge.server.config.ServerConfig;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** Sets up java.util.logging for a process of ours. */
public final class Logging {

  /** Initialised on first use: a logger that nobody refers to forgets its level. */
  private static final class Ours {
    static final Logger LOGGER = Logger.getLogger("io.canaryjudge");
  }

  private Logging() {}

  /**
   * Has to be called before anything logs.
   *
   * <p>The manager can only be chosen by a system property, and only before the first use.
   */
  public static void install() {
    System.setProperty("java.util.logging.manager", LastingLogManager.class.getName());
  }

  /** Replaces all handlers by one that writes to standard error. */
  public static void configure(ServerConfig.Log config) {
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    ConsoleHandler handler = new ConsoleHandler();
    handler.setLevel(Level.ALL);
    handler.setFormatter(
        switch (config.format()) {
          case TEXT -> new TextLine();
          case JSON -> new JsonLine();
        });
    handler.setFilter(new RepeatLimit());
    root.addHandler(handler);

    Level level = level(config.level());
    // Libraries say a lot at INFO that is of no use to whoever runs this.
    root.setLevel(level.intValue() < Level.WARNING.intValue() ? Level.WARNING : level);
    Ours.LOGGER.setLevel(level);
    if (LogManager.getLogManager() instanceof LastingLogManager manager) {
      manager.keepHandlers();
    }
  }

  private static Level level(ServerConfig.Log.Level level) {
    return switch (level) {
      case ERROR -> Level.SEVERE;
      case WARN -> Level.WARNING;
      case INFO -> Level.INFO;
      case DEBUG -> Level.FINE;
    };
  }
}
