package io.canaryjudge.client;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SerialLoopTest {

  /** A stream may be refused, and end its producer, before the producer is even put together. */
  @Test
  void takesTasksThatComeAfterTheEndWithoutComplaint() {
    var loop = new SerialLoop("loop");
    loop.end();

    assertThatCode(() -> loop.run(() -> {})).doesNotThrowAnyException();
    assertThatCode(() -> loop.after(0, () -> {})).doesNotThrowAnyException();
    assertThatCode(() -> loop.every(Duration.ofMillis(1), () -> {})).doesNotThrowAnyException();
  }
}
