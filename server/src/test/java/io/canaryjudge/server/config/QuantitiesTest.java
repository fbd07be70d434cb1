package io.canaryjudge.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {

  @ParameterizedTest
  @CsvSource({"250ms, 250", "5s, 5000", "10m, 600000", "2h, 7200000", "0s, 0"})
  void readsAndPrintsDurations(String text, long millis) {
    assertThat(Quantities.duration(text)).contains(Duration.ofMillis(millis));
    assertThat(Quantities.print(Duration.ofMillis(millis))).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "-1s", "1.5s", "s", "", "5 s", "5S", "999999999999999h"})
  void refusesWhatIsNoDuration(String text) {
    assertThat(Quantities.duration(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"4MiB, 4194304", "16KiB, 16384", "1500B, 1500"})
  void readsAndPrintsSizes(String text, long bytes) {
    assertThat(Quantities.bytes(text)).contains(bytes);
    assertThat(Quantities.print(bytes)).isEqualTo(text);
  }

  @Test
  void aSizeMayHaveNoUnit() {
    assertThat(Quantities.bytes("1500")).contains(1500L);
    assertThat(Quantities.bytes("1MB")).isEmpty();
  }
}
