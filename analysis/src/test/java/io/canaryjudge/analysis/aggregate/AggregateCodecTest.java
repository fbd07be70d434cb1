package io.canaryjudge.analysis.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.canaryjudge.analysis.policy.MetricKind;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AggregateCodecTest {
  private static final int TRIES = 1_000;

  private final Random seeds = new Random(20261121);

  @Test
  void aRoundTripIsExact() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      long seed = seeds.nextLong();
      WindowAggregate window = MergeLawsTest.randomWindow(seed);
      byte[] bytes = AggregateCodec.encode(window);
      WindowAggregate again = AggregateCodec.decode(bytes);

      assertThat(AggregateCodec.encode(again)).as("seed %d", seed).isEqualTo(bytes);
      assertThat(again.starts()).isEqualTo(window.starts());
      for (WindowAggregate.Entry entry : window.entries()) {
        if (entry.aggregate() instanceof DistributionAggregate values && !values.isEmpty()) {
          DistributionAggregate copy =
              (DistributionAggregate)
                  again.at(
                      entry.metric(),
                      entry.arm(),
                      entry.stratum(),
                      entry.instance(),
                      MetricKind.DISTRIBUTION);
          assertThat(copy.count()).isEqualTo(values.count());
          assertThat(copy.scale()).isEqualTo(values.scale());
          assertThat(copy.quantileUpper(0.9)).isEqualTo(values.quantileUpper(0.9));
        }
      }
    }
  }

  @Test
  void theOrderOfSamplesDoesNotShow() {
    for (int attempt = 0; attempt < TRIES; attempt++) {
      long seed = seeds.nextLong();
      long[] order = new Random(seed).longs(8).toArray();
      WindowAggregate forwards = new WindowAggregate();
      WindowAggregate backwards = new WindowAggregate();
      for (int i = 0; i < order.length; i++) {
        forwards.merge(MergeLawsTest.randomWindow(order[i]));
        backwards.merge(MergeLawsTest.randomWindow(order[order.length - 1 - i]));
      }
      assertThat(AggregateCodec.encode(forwards))
          .as("seed %d", seed)
          .isEqualTo(AggregateCodec.encode(backwards));
    }
  }

  @Test
  void emptyAggregatesLeaveNoTrace() {
    WindowAggregate window = new WindowAggregate();
    window.at(3, Arm.CANARY, "i", MetricKind.DISTRIBUTION);
    window.at(2, Arm.BASELINE, "i", MetricKind.PROPORTION);

    assertThat(window.isEmpty()).isTrue();
    assertThat(AggregateCodec.encode(window)).containsExactly(1, 0, 0);
  }

  /** What servers wrote that knew no strata, byte for byte. */
  @Test
  void withoutStrataTheFormIsThatOfBefore() throws IOException {
    byte[] before = {1, 1, 0, 1, 1, 'a', 0, 7, 2, 1, 1, 1, 'a', 10};
    WindowAggregate window = AggregateCodec.decode(before);

    assertThat(window.find(0, Arm.CANARY, "a")).hasToString("2 failures of 7");
    assertThat(window.startMillis(Arm.CANARY, "a")).hasValue(5);
    assertThat(window.strata(0)).isEmpty();
    assertThat(AggregateCodec.encode(window)).isEqualTo(before);
  }

  @Test
  void strataAreWrittenBetweenArmAndInstance() throws IOException {
    WindowAggregate window = new WindowAggregate();
    ((ProportionAggregate) window.at(0, Arm.CANARY, "/b", "a", MetricKind.PROPORTION)).add(7, 2);
    byte[] bytes = AggregateCodec.encode(window);

    assertThat(bytes).isEqualTo(new byte[] {2, 1, 0, 1, 2, '/', 'b', 1, 'a', 0, 7, 2, 0});
    WindowAggregate again = AggregateCodec.decode(bytes);
    assertThat(again.find(0, Arm.CANARY, "/b", "a")).hasToString("2 failures of 7");
    assertThat(again.find(0, Arm.CANARY, "a")).isNull();
  }

  @Test
  void bytesCutShortAreRefused() {
    byte[] bytes = sample();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatIOException().isThrownBy(() -> AggregateCodec.decode(cut));
    }
  }

  @Test
  void bytesAfterTheEndAreRefused() {
    byte[] bytes = sample();
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatIOException()
        .isThrownBy(() -> AggregateCodec.decode(longer))
        .withMessage("aggregate: 1 bytes after its end (expected: none)");
  }

  @Test
  void anotherVersionIsRefused() {
    byte[] bytes = sample();
    bytes[0] = 3;
    assertThatIOException()
        .isThrownBy(() -> AggregateCodec.decode(bytes))
        .withMessage("aggregate version: 3 (expected: 1 or 2)");
  }

  @Test
  void damagedBytesAreRefusedOrDecodedButNeverFailOtherwise() {
    byte[] bytes = sample();
    Random random = new Random(11);
    int refused = 0;
    for (int i = 0; i < 5_000; i++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt(bytes.length)] = (byte) random.nextInt();
      damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        byte[] again = AggregateCodec.encode(AggregateCodec.decode(damaged));
        assertThat(again.length).isLessThanOrEqualTo(bytes.length + 100);
      } catch (IOException e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  private static byte[] sample() {
    WindowAggregate window = new WindowAggregate();
    for (int i = 0; i < 20; i++) {
      window.merge(MergeLawsTest.randomWindow(i));
    }
    assertThat(window.starts()).isNotEmpty();
    return AggregateCodec.encode(window);
  }
}
