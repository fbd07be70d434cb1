package io.canaryjudge.analysis.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LabelMatcherTest {

  private static boolean accepts(String value, String... wanted) {
    return new LabelMatcher("version", List.of(wanted)).accepts(value);
  }

  @Test
  void oneOfTheValues() {
    assertThat(accepts("1.4", "1.3", "1.4")).isTrue();
    assertThat(accepts("1.4", "1.3")).isFalse();
    assertThat(accepts("1.4", "1.40")).isFalse();
    assertThat(accepts("1.40", "1.4")).isFalse();
    assertThat(accepts("A", "a")).isFalse();
  }

  @Test
  void howAValueBegins() {
    assertThat(accepts("1.4.2", "1.4.*")).isTrue();
    assertThat(accepts("1.4.", "1.4.*")).isTrue();
    assertThat(accepts("1.4", "1.4.*")).isFalse();
    assertThat(accepts("503", "4*", "5*")).isTrue();
    assertThat(accepts("anything", "*")).isTrue();
  }

  @Test
  void thatTheLabelIsThere() {
    assertThat(accepts("1.4")).isTrue();
    assertThat(accepts("")).isFalse();
    assertThat(new LabelMatcher("version", List.of()).accepts(null)).isFalse();
  }

  @Test
  void thatTheLabelIsMissing() {
    LabelMatcher missing = new LabelMatcher("version", List.of(""));

    assertThat(missing.accepts(null)).isTrue();
    assertThat(missing.accepts("")).isTrue();
    assertThat(missing.accepts("1.4")).isFalse();
    assertThat(accepts("", "*", "1.4")).isFalse();
    assertThat(accepts("1.4", "", "1.4")).isTrue();
  }
}
