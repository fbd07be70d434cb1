package io.canaryjudge.server.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.canaryjudge.server.error.FieldViolation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TreeReaderTest {

  private static List<String> violations(String text) {
    List<FieldViolation> violations = new ArrayList<>();
    TreeReader.read(text, violations);
    return violations.stream().map(FieldViolation::toString).toList();
  }

  private static JsonNode tree(String text) {
    List<FieldViolation> violations = new ArrayList<>();
    JsonNode tree = TreeReader.read(text, violations);
    assertThat(violations).isEmpty();
    return tree;
  }

  @Test
  void readsYamlAndJsonAlike() {
    assertThat(tree("a: 1\nb:\n  - c: text\n  - true\n  - null\n"))
        .isEqualTo(tree("{\"a\": 1,\n\t\"b\": [{\"c\": \"text\"}, true, null]}"));
  }

  @Test
  void aByteOrderMarkIsNoContent() {
    assertThat(tree("\uFEFF{\"a\": 1}")).isEqualTo(tree("a: 1"));
  }

  @ParameterizedTest
  @CsvSource({
    "0.01, 0.01",
    "1e-2, 0.01",
    "+5, 5",
    ".5, 0.5",
    "5., 5",
    "1.0E-5, 0.00001",
    "-0.0, -0.0"
  })
  void readsNumbersExactly(String text, double value) {
    assertThat(tree("a: " + text).get("a").doubleValue()).isEqualTo(value);
  }

  /** Numbers in YAML 1.1, but hardly in the mind of whoever wrote them. */
  @ParameterizedTest
  @CsvSource({"010", "0x1F", "1_000", "1:30", ".nan", ".inf", "0b11", "1e", "'\"0.5\"'"})
  void doesNotGuessNumbers(String text) {
    assertThat(tree("a: " + text).get("a").isTextual()).isTrue();
  }

  @Test
  void wordsOfYamlOtherThanTrueAndFalseAreText() {
    assertThat(tree("a: no").get("a").textValue()).isEqualTo("no");
  }

  @Test
  void refusesAKeyThatComesTwiceAndGoesOn() {
    assertThat(violations("a: 1\nb:\n  - c: 2\n    c: 3\na: 4\n"))
        .containsExactly(
            "b[0].c: the same key again, line 4, column 5 (expected: each key once)",
            "a: the same key again, line 5, column 1 (expected: each key once)");
    assertThat(violations("{\"a\": 1, \"a\": 2}")).hasSize(1);
  }

  @Test
  void refusesAliasesAndTagsAndGoesOn() {
    assertThat(violations("a: &x 5\nb: *x\nc: !!str 5\nd: !!java.net.URL [x]\n"))
        .containsExactly(
            "b: the alias *x, line 2, column 4 (expected: the value itself: aliases are not"
                + " followed)",
            "c: the tag tag:yaml.org,2002:str, line 3, column 4 (expected: a value without a tag)",
            "d: the tag tag:yaml.org,2002:java.net.URL, line 4, column 4 (expected: a value without"
                + " a tag)");
  }

  @Test
  void refusesASecondDocument() {
    assertThat(violations("a: 1\n---\nb: 2\n"))
        .containsExactly("line 3, column 1: a second document (expected: one policy in each file)");
    assertThat(violations("{\"a\": 1} {}"))
        .containsExactly(
            "line 1, column 10: a second document (expected: one policy in each file)");
  }

  @Test
  void saysWhereTheSyntaxIsWrong() {
    assertThat(violations("a: 1\nb: [1, 2\n"))
        .containsExactly(
            "line 3, column 1: expected ',' or ']', but got <stream end> (expected: well-formed"
                + " YAML)");
    assertThat(violations("a: 1\n\tb: 2\n"))
        .singleElement()
        .asString()
        .startsWith("line 2, column 1: found character '\\t(TAB)'")
        .endsWith("(expected: well-formed YAML)");
    assertThat(violations("{\"a\": 1,\n  \"b\" 2}"))
        .singleElement()
        .asString()
        .startsWith("line 2, column 7: ")
        .endsWith("(expected: well-formed JSON)");
    assertThat(violations("? [a, b]\n: 3\n"))
        .singleElement()
        .asString()
        .startsWith("line 1, column 4: ");
    assertThat(violations("a: \0")).hasSize(1);
  }

  @Test
  void refusesNothing() {
    assertThat(violations("")).containsExactly("text: nothing (expected: a policy)");
    assertThat(violations("# only a remark\n"))
        .containsExactly("text: nothing (expected: a policy)");
  }

  @Test
  void refusesWhatIsTooLarge() {
    assertThat(violations("a: " + "é".repeat(TreeReader.MAX_BYTES / 2)))
        .containsExactly("text: 262147 bytes (expected: at most 262144 bytes)");
    assertThat(violations("a: " + "x".repeat(TreeReader.MAX_BYTES - 3))).isEmpty();
  }

  @Test
  void refusesWhatIsTooDeep() {
    assertThat(violations("[".repeat(17))).singleElement().asString().contains("depth");
    assertThat(violations("{\"a\":".repeat(17))).singleElement().asString().contains("depth");
    assertThat(violations("- ".repeat(100_000))).singleElement().asString().contains("depth");
  }

  @Test
  void aBombIsOverSoon() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 30; i++) {
      String last = "*a" + (i - 1);
      bomb.append("a").append(i).append(": &a").append(i).append(" [");
      bomb.append(String.join(", ", List.of(last, last, last, last, last, last, last, last, last)));
      bomb.append("]\n");
    }

    List<String> violations =
        Assertions.assertTimeoutPreemptively(
            Duration.ofSeconds(10), () -> violations(bomb.toString()));

    assertThat(violations).hasSize(29 * 9).allMatch(violation -> violation.contains("the alias"));
  }
}
