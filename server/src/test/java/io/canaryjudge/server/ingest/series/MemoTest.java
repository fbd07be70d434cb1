package io.canaryjudge.server.ingest.series;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is found is what was made of exactly these texts; how much is kept has a bound. */
class MemoTest {

  private final Memo<String> memo = new Memo<>();
  private final Memo.Key key = new Memo.Key();

  private Memo.Key key(Object base, List<String> texts) {
    key.begin(base);
    texts.forEach(key::add);
    return key;
  }

  /** It comes twice, and is made whenever it is not known. */
  private void keep(Memo.Key texts, String value) {
    for (int i = 0; i < 2; i++) {
      if (memo.find(texts) == null) {
        memo.put(texts, value);
      }
    }
  }

  @Test
  void whatComesOnceIsNotKept() {
    memo.put(key("", List.of("once")), "value");
    assertThat(memo.find(key("", List.of("once")))).isNull();
    memo.put(key("", List.of("once")), "value");
    assertThat(memo.find(key("", List.of("once")))).isEqualTo("value");
  }

  @Test
  void ofManyMoreThanThereIsRoomForNearlyNoneIsKept() {
    int found = 0;
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 300_000; i++) {
        Memo.Key one = key("", List.of("user", "/" + i));
        if (memo.find(one) == null) {
          memo.put(one, "value");
        } else {
          found++;
        }
      }
    }
    assertThat(found).isLessThan(3_000);
  }

  @Test
  void findsWhatWasMadeOfTheSameTextsOnly() {
    keep(key("base", List.of("a", "b")), "ab");

    // Texts that are equal, and not the same object.
    assertThat(memo.find(key("base", List.of("xa".substring(1), "b")))).isEqualTo("ab");
    assertThat(memo.find(key("base", List.of("b", "a")))).isNull();
    assertThat(memo.find(key("base", List.of("a")))).isNull();
    assertThat(memo.find(key("base", List.of("a", "b", "")))).isNull();
    assertThat(memo.find(key("other", List.of("a", "b")))).isNull();
  }

  @Test
  void textsOfOneHashAreToldApart() {
    assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
    keep(key("", List.of("Aa")), "first");
    assertThat(memo.find(key("", List.of("BB")))).isNull();
    keep(key("", List.of("BB")), "second");
    assertThat(memo.find(key("", List.of("Aa")))).isEqualTo("first");
    assertThat(memo.find(key("", List.of("BB")))).isEqualTo("second");
    keep(key("", List.of("AaAa")), "of another hash");
    assertThat(memo.find(key("", List.of("BB")))).isEqualTo("second");
  }

  @Test
  void mostOfAsManyAsARunHasAreKept() {
    int series = 10_000;
    for (int i = 0; i < series; i++) {
      keep(key("", List.of("route", "/" + i)), "made of " + i);
    }
    int found = 0;
    for (int i = 0; i < series; i++) {
      String value = memo.find(key("", List.of("route", "/" + i)));
      if (value != null) {
        assertThat(value).isEqualTo("made of " + i);
        found++;
      }
    }
    assertThat(found).isGreaterThan(series * 9 / 10);
  }

  @Test
  void whatIsKeptHasABound() {
    Random random = new Random(1);
    String large = "x".repeat(1 << 21);
    int kept = 0;
    for (int i = 0; i < 80; i++) {
      key.begin("");
      key.add(large);
      key.add(Integer.toString(random.nextInt()));
      keep(key, "value");
      kept = memo.find(key) == null ? 0 : kept + 1;
      assertThat(kept).isLessThan(33);
    }
    assertThat(kept).as("it goes on after it has forgotten").isPositive();
  }
}
