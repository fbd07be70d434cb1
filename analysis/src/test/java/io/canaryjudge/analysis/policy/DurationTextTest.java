package io.canaryjudge.analysis.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0s, 0",
    "5s, 5000",
    "250ms, 250",
    "10m, 600000",
    "1h, 3600000",
    "1h30m, 5400000",
    "3600s, 3600000",
    "0.250s, 250",
    "0.250000000s, 250",
    "1.5h, 5400000",
    "2h0m5ms, 7200005",
    "-5s, -5000",
    "90m, 5400000",
    "1m5ms, 60005"
  })
  void reads(String text, long millis) {
    assertThat(DurationText.parseMillis(text)).isEqualTo(OptionalLong.of(millis));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "5",
        "5 s",
        " 5s",
        "s",
        "5d",
        "5S",
        "1e3s",
        "+5s",
        "--5s",
        "5s5m",
        "5s5s",
        ".5s",
        "5.s",
        "0.0001s",
        "NaN",
        "∞",
        "９s",
        "9999999999999999999s",
        "999999999999999999h"
      })
  void refuses(String text) {
    assertThat(DurationText.parseMillis(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "5000, 5s",
    "250, 250ms",
    "60000, 1m",
    "5400000, 1h30m",
    "90000, 1m30s",
    "172800000, 48h",
    "3661001, 1h1m1s1ms",
    "-1500, -1s500ms"
  })
  void writes(long millis, String text) {
    assertThat(DurationText.format(millis)).isEqualTo(text);
  }

  @Test
  void readsWhatItWrites() {
    Random random = new Random(11);
    for (int i = 0; i < 10_000; i++) {
      long millis = random.nextLong() >> random.nextInt(64); // of any magnitude
      assertThat(DurationText.parseMillis(DurationText.format(millis)))
          .isEqualTo(OptionalLong.of(millis));
    }
    assertThat(DurationText.parseMillis(DurationText.format(Long.MAX_VALUE)))
        .hasValue(Long.MAX_VALUE);
  }

  @Test
  void theMostNegativeLongIsTheOneWhoseDigitsDoNotFit() {
    assertThat(DurationText.parseMillis(DurationText.format(Long.MIN_VALUE))).isEmpty();
    assertThat(DurationText.parseMillis(DurationText.format(Long.MIN_VALUE + 1)))
        .hasValue(Long.MIN_VALUE + 1);
  }
}
