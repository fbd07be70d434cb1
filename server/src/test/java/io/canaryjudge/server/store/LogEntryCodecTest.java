package io.canaryjudge.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.verdict.LogEntry;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LogEntryCodecTest {

  static Iterable<LogEntry> entries() {
    return LogEntries.oneOfEachKind();
  }

  @Test
  void isTestedWithEveryKind() {
    assertThat(LogEntries.oneOfEachKind().stream().map(LogEntryCodec::kind))
        .containsExactlyInAnyOrder(LogEntryCodec.Kind.values());
    assertThat(
            LogEntries.oneOfEachKind().stream().map(Object::getClass).collect(Collectors.toSet()))
        .isEqualTo(
            Arrays.stream(LogEntry.class.getPermittedSubclasses()).collect(Collectors.toSet()));
  }

  @ParameterizedTest
  @MethodSource("entries")
  void givesBackTheEntry(LogEntry entry) throws IOException {
    LogEntry back = LogEntryCodec.decode(LogEntryCodec.kind(entry), LogEntryCodec.encode(entry));
    assertThat(LogEntries.text(back)).isEqualTo(LogEntries.text(entry));
  }

  @ParameterizedTest
  @MethodSource("entries")
  void refusesBytesThatAreCutShortOrFollowedByOthers(LogEntry entry) {
    byte[] whole = LogEntryCodec.encode(entry);
    for (int length = 0; length <= whole.length + 1; length++) {
      if (length != whole.length) {
        byte[] wrong = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> LogEntryCodec.decode(LogEntryCodec.kind(entry), wrong))
            .as("%d of %d bytes", length, whole.length)
            .isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void refusesAnotherVersion() {
    LogEntry entry = new LogEntry.DataEnded(1);
    byte[] bytes = LogEntryCodec.encode(entry);
    bytes[0] = 2;
    assertThatThrownBy(() -> LogEntryCodec.decode(LogEntryCodec.Kind.DATA_ENDED, bytes))
        .hasMessageContaining("version: 2 (expected: 1)");
  }
}
