package io.canaryjudge.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogLineTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

  @Test
  void aRecordIsOneLineOfKeysAndValues() {
    LogRecord record = record(Level.WARNING, "disk \"a\"\nis full", NOW);

    assertThat(new TextLine().format(record))
        .isEqualTo(
            "time=2026-01-02T03:04:05.678Z level=WARN logger=io.canaryjudge.x"
                + " message=\"disk \\\"a\\\"\\nis full\"\n");
  }

  @Test
  void anErrorStaysOnTheLine() throws Exception {
    LogRecord record = record(Level.SEVERE, "failed", NOW);
    record.setThrown(new IllegalStateException("because"));

    assertThat(new TextLine().format(record))
        .contains(" error=\"java.lang.")
        .containsOnlyOnce("\n");
    String json = new JsonLine().format(record);
    assertThat(json).endsWith("}\n").containsOnlyOnce("\n");
    JsonNode fields = new ObjectMapper().readTree(json);
    assertThat(fields.path("level").asText()).isEqualTo("ERROR");
    assertThat(fields.path("error").asText())
        .startsWith("java.lang.IllegalStateException: because");
  }

  @Test
  void repeatedWarningsAreBoundedAndCounted() {
    RepeatLimit limit = new RepeatLimit();
    List<String> written = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      LogRecord record = record(Level.WARNING, "again", NOW.plusMillis(i));
      if (limit.isLoggable(record)) {
        written.add(record.getMessage());
      }
      assertThat(limit.isLoggable(record(Level.INFO, "fine", NOW))).isTrue();
    }
    assertThat(written).hasSize(20);

    LogRecord later = record(Level.WARNING, "again", NOW.plusSeconds(10));
    assertThat(limit.isLoggable(later)).isTrue();
    assertThat(later.getMessage()).isEqualTo("again (and 80 more were not written)");
  }

  private static LogRecord record(Level level, String message, Instant at) {
    LogRecord record = new LogRecord(level, message);
    record.setLoggerName("io.canaryjudge.x");
    record.setInstant(at);
    return record;
  }
}
