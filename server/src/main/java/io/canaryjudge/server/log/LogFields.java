package io.canaryjudge.server.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** What a log line says. */
final class LogFields {

  private LogFields() {}

  static SequencedMap<String, String> of(Formatter formatter, LogRecord record) {
    SequencedMap<String, String> fields = new LinkedHashMap<>();
    fields.put("time", record.getInstant().truncatedTo(ChronoUnit.MILLIS).toString());
    fields.put("level", level(record.getLevel()));
    fields.put("logger", String.valueOf(record.getLoggerName()));
    fields.put("message", formatter.formatMessage(record));
    if (record.getThrown() != null) {
      StringWriter trace = new StringWriter();
      record.getThrown().printStackTrace(new PrintWriter(trace));
      fields.put("error", trace.toString().stripTrailing());
    }
    return fields;
  }

  private static String level(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return "ERROR";
    }
    if (level.intValue() >= Level.WARNING.intValue()) {
      return "WARN";
    }
    return level.intValue() >= Level.CONFIG.intValue() ? "INFO" : "DEBUG";
  }
}
