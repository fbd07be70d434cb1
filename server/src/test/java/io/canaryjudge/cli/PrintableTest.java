package io.canaryjudge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Verdict;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "::error::x",
        "  ::add-mask::x",
        "a\n::error::x",
        "##[error]x",
        "###[error]x",
        "##vso[task.setvariable]x",
        "##teamcity[x]",
        "\rsection_start:1:x\r\u001b[0K",
        "\u202egnp.exe",
        "\u0085::error::x",
        "\u2028::error::x",
      })
  void nothingIsLeftThatATerminalOrABuildObeys(String evil) {
    String line = Printable.text(evil);
    assertThat(line.strip()).doesNotStartWith("::");
    assertThat(line).doesNotContain("##").doesNotContainPattern("[\\p{Cc}\\p{Cf}\u2028]");
  }

  @Test
  void plainTextStays() {
    String plain = "Größe: 4.62 % (40 of 866) · 漢字 😀 a::b #1";
    assertThat(Printable.text(plain)).isEqualTo(plain);
  }

  @Test
  void messagesAreCleanedToTheirLeaves() {
    Verdict verdict =
        Verdict.newBuilder()
            .setRevision(7)
            .addMetrics(MetricVerdict.newBuilder().setExplanation("a\u001b[2Jb"))
            .build();
    Verdict clean = Printable.message(verdict);
    assertThat(clean.getMetrics(0).getExplanation()).isEqualTo("a [2Jb");
    assertThat(clean.getRevision()).isEqualTo(7);
  }

  @Test
  void markdownMeansNothingButItself() {
    assertThat(Markdown.text("<b> & [x](http://y) *z* `c` | @all #1 www.evil.example\n## h"))
        .isEqualTo(
            "&lt;b&gt; &amp; \\[x\\]\\(http\\://y\\) \\*z\\* \\`c\\` \\| \\@all \\#1"
                + " www\\.evil.example \\# \\# h");
  }

  @Test
  void annotationsAreOneCommandEach() {
    Verdict verdict = Verdict.newBuilder().setExplanation("50 % more\n::error::x, y").build();
    String annotation =
        GitHub.annotation(Answer.of("r", Outcome.INCONCLUSIVE, Optional.of(verdict), ""));
    assertThat(annotation)
        .isEqualTo(
            "::warning title=Canary INCONCLUSIVE%3A the evidence was not enough for either"
                + "::50 %25 more ::error::x, y");
  }

  @ParameterizedTest
  @CsvSource({"90s,90", "20m,1200", "1h30m,5400", "2d,172800", "0,0"})
  void readsSpansOfTime(String text, long seconds) {
    assertThat(new SpanConverter().convert(text)).isEqualTo(Duration.ofSeconds(seconds));
    assertThat(new SpanConverter().convert(SpanConverter.text(Duration.ofSeconds(seconds))))
        .isEqualTo(Duration.ofSeconds(seconds));
  }
}
