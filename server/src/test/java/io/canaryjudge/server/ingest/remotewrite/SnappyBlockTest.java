package io.canaryjudge.server.ingest.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xerial.snappy.Snappy;

class SnappyBlockTest {

  private static final int LIMIT = 1 << 20;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 59, 60, 61, 256, 257, 65_535, 65_536, 65_537, 300_000})
  void unpacksWhatAnotherImplementationPacks(int length) throws Exception {
    SplittableRandom random = new SplittableRandom(length);
    for (int variety : new int[] {1, 3, 40, 256}) {
      byte[] plain = new byte[length];
      for (int i = 0; i < length; i++) {
        // Stretches that repeat, near and far, and stretches that do not.
        plain[i] =
            i > 200 && (i >> 7) % 3 == 0 ? plain[i - 1 - i % 190] : (byte) random.nextInt(variety);
      }
      assertThat(SnappyBlock.unpack(Snappy.compress(plain), LIMIT)).isEqualTo(plain);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'05 1061626364 65', abcde", // a literal, its length in the tag
    "'03 F002616263', abc", // a literal, its length in one byte
    "'09 0461620D02', ababababa", // a copy that overlaps itself
    "'07 08616263 0E0300', abcabca", // an offset of two bytes
    "'07 08616263 0F03000000', abcabca", // an offset of four bytes
  })
  void unpacksEachKindOfElement(String hex, String plain) {
    byte[] block = HexFormat.of().parseHex(hex.replace(" ", ""));

    assertThat(SnappyBlock.unpack(block, LIMIT)).asString().isEqualTo(plain);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing at all
        "80", // a length that does not end
        "FFFFFFFFFF01", // a length of more than 32 bits
        "03 00", // a literal of one byte that is not there
        "03 0861", // a literal cut off
        "03 F4", // the length of a literal cut off
        "03 FCFFFFFFFF616263", // a literal of 4 GiB
        "03 00610D00", // a copy from offset 0
        "05 00610D02", // a copy from before the beginning
        "05 00610FFFFFFFFF", // the same, with an offset of 4 GiB
        "02 00610D01", // a copy beyond the declared end
        "03 0061", // less than was declared
        "00 0061", // more than was declared
      })
  void refusesWhatIsMalformed(String hex) {
    byte[] block = HexFormat.of().parseHex(hex.replace(" ", ""));

    assertThatThrownBy(() -> SnappyBlock.unpack(block, Integer.MAX_VALUE))
        .isInstanceOf(JudgeException.class)
        .hasMessageContaining("Snappy")
        .extracting(error -> ((JudgeException) error).reason())
        .isEqualTo(ErrorReason.INVALID_FIELD);
  }

  @Test
  void refusesABombBeforeItAllocatesAnything() throws Exception {
    byte[] bomb = Snappy.compress(new byte[LIMIT + 1]);
    byte[] liar = HexFormat.of().parseHex("FFFFFFFF07" + "0061"); // 2 GiB out of 7 bytes

    assertThat(bomb).hasSizeLessThan(60_000);
    assertThatThrownBy(() -> SnappyBlock.unpack(bomb, LIMIT))
        .hasMessageContaining(LIMIT + 1 + " bytes unpacked")
        .extracting(error -> ((JudgeException) error).reason())
        .isEqualTo(ErrorReason.LIMIT_REACHED);
    assertThatThrownBy(() -> SnappyBlock.unpack(liar, Integer.MAX_VALUE))
        .hasMessageContaining("that declare 2147483647 unpacked ones");
    assertThat(SnappyBlock.unpack(Snappy.compress(new byte[LIMIT]), LIMIT)).hasSize(LIMIT);
  }

  @Test
  void damageIsFoundOrGivesBytesOfTheDeclaredLength() throws Exception {
    SplittableRandom random = new SplittableRandom(20_260_101);
    byte[] plain = new byte[2_000];
    for (int i = 0; i < plain.length; i++) {
      plain[i] = (byte) (i % 97 < 60 ? i % 7 : random.nextInt());
    }
    byte[] packed = Snappy.compress(plain);
    int found = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] damaged = Arrays.copyOf(packed, 1 + random.nextInt(packed.length));
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      Throwable error = catchThrowable(() -> SnappyBlock.unpack(damaged, LIMIT));
      if (error != null) {
        assertThat(error).isInstanceOf(JudgeException.class);
        found++;
      }
      // Where ours finds nothing, the other one does not either, and they agree.
      if (error == null) {
        assertThat(SnappyBlock.unpack(damaged, LIMIT)).isEqualTo(Snappy.uncompress(damaged));
      }
    }
    assertThat(found).isGreaterThan(15_000);
  }
}
