package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.canaryjudge.analysis.aggregate.Arm;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that goes on from a checkpoint goes on to the same bits. */
class CheckpointTest {
  private static final int WINDOWS = 900;
  private static final int[] CHECKPOINTS = {0, 1, 11, 12, 13, 300, 589, 601, 899};

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void aRestoredCopyContinuesToTheSameBits(long seed) throws IOException {
    for (int checkpoint : CHECKPOINTS) {
      Play through = newPlay(seed);
      fold(through, seed, 0, checkpoint);
      Play restored = Play.read(through.write());
      assertThat(restored.write()).isEqualTo(through.write());
      assertSameBits(through, restored);

      fold(through, seed, checkpoint, WINDOWS);
      fold(restored, seed, checkpoint, WINDOWS);
      assertThat(restored.write()).isEqualTo(through.write());
      assertSameBits(through, restored);
    }
  }

  @Test
  void askingChangesNothing() throws IOException {
    Play asked = newPlay(3);
    Play silent = newPlay(3);
    for (int window = 0; window < 200; window++) {
      fold(asked, 3, window, window + 1);
      fold(silent, 3, window, window + 1);
      asked.harm.logE(asked.dispersion);
      asked.ratio.bounds(0.01, asked.dispersion.phi());
    }
    assertThat(asked.write()).isEqualTo(silent.write());
    assertSameBits(asked, silent);
  }

  @Test
  void stateThatIsCutShortIsRefused() throws IOException {
    Play play = newPlay(1);
    fold(play, 1, 0, 40);
    byte[] bytes = play.write();
    for (int length = 0; length < bytes.length; length += 7) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatIOException().isThrownBy(() -> Play.read(cut));
    }
  }

  @Test
  void anotherFormatIsRefused() throws IOException {
    byte[] bytes = newPlay(1).write();
    bytes[0] = 99;
    assertThatIOException()
        .isThrownBy(() -> Epochs.read(new DataInputStream(new ByteArrayInputStream(bytes))))
        .withMessage("format of epochs: 99 (expected: 1)");
  }

  private static Play newPlay(long seed) {
    return new Play(seed == 1 ? Epochs.openEnded(12) : Epochs.withHorizon(12, 720), 0.1);
  }

  /** Windows with random counts of up to 5 instances in each arm, which come and go. */
  private static void fold(Play play, long seed, int from, int to) {
    for (int window = from; window < to; window++) {
      Random random = new Random(seed * 1_000_003 + window);
      play.begin();
      double[] canary = arm(play, Arm.CANARY, window > 500 ? 0.06 : 0.03, window, random);
      double[] baseline = arm(play, Arm.BASELINE, 0.03, window, random);
      play.end(canary[0], canary[1], baseline[0], baseline[1], 1.2, 2.5);
    }
  }

  private static double[] arm(Play play, Arm arm, double rate, int window, Random random) {
    double[] sum = new double[2];
    for (int i = 0; i < 5; i++) {
      int total = random.nextInt(60) - 10;
      if (total > 0) {
        int events = 0;
        for (int n = 0; n < total; n++) {
          events += random.nextDouble() < rate ? 1 : 0;
        }
        play.instance(arm, "pod-" + (i + window / 100), total, events);
        sum[0] += total;
        sum[1] += events;
      }
    }
    return sum;
  }

  private static void assertSameBits(Play one, Play other) {
    assertThat(bits(other)).isEqualTo(bits(one));
  }

  private static long[] bits(Play play) {
    double phi = play.dispersion.phi();
    Bounds bounds = play.ratio.bounds(0.01, phi);
    return Arrays.stream(
            new double[] {
              phi,
              play.dispersion.againstLimit().phi(),
              play.harm.logE(play.dispersion),
              play.harm.fullLogE(play.dispersion),
              play.harm.leadingStart(play.dispersion),
              play.safe.logE(play.dispersion),
              bounds.lower(),
              bounds.upper(),
              play.time.windowsUntil(5)
            })
        .mapToLong(Double::doubleToRawLongBits)
        .toArray();
  }
}
