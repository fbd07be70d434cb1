package io.canaryjudge.server.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When an attempt is made again. */
class PacesTest {

  private static final long NOW = Instant.parse("2026-11-21T08:00:00Z").toEpochMilli();

  @ParameterizedTest
  @CsvSource({"1, 1000", "2, 2000", "3, 4000", "9, 256000", "10, 300000", "100000, 300000"})
  void waitsGrowUpToFiveMinutesAndDiffer(int attempts, long most) {
    Random random = new Random(1);
    long first = Backoff.millis(attempts, random);
    boolean differ = false;
    for (int i = 0; i < 100; i++) {
      long next = Backoff.millis(attempts, random);
      assertThat(next).isBetween(most / 2, most);
      differ |= next != first;
    }
    assertThat(differ).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0; 0",
        "120; 120000",
        " 7 ; 7000",
        "99999; 3600000",
        "99999999999999999999; 3600000",
        "Sat, 21 Nov 2026 08:00:30 GMT; 30000",
        "Sat, 21 Nov 2026 07:00:00 GMT; 0",
        "Sun, 22 Nov 2026 08:00:00 GMT; 3600000"
      })
  void aReceiverMaySayForHowLong(String value, long millis) {
    assertThat(RetryAfter.millis(value, NOW)).hasValue(millis);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1", "1.5", "Sat, 99 Nov 2026 08:00:30 GMT"})
  void whatSaysNothingIsNotHeeded(String value) {
    assertThat(RetryAfter.millis(value, NOW)).isEmpty();
  }

  @Test
  void textsAreCutBetweenCharacters() {
    assertThat(Texts.cut("abcdef", 6)).isEqualTo("abcdef");
    assertThat(Texts.cut("abcdefg", 6)).isEqualTo("abcde…");
    assertThat(Texts.cut("abcd😀efg", 6)).isEqualTo("abcd…");
    assertThat(Texts.line(" a\r\nb\tc\u001b[0m ", 100)).isEqualTo("a  b c [0m");
  }
}
