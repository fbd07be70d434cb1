package io.canaryjudge.server.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.canaryjudge.analysis.policy.PolicyLint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The page about policies tells the truth. */
class PolicyDocumentationTest {

  private static final Path PAGE = Path.of("..", "docs", "policies.md");
  private static final Pattern YAML = Pattern.compile("(?ms)^```yaml\\n(.*?)^```$");
  private static final Pattern KEY = Pattern.compile("(?m)^\\| `([a-z_]+)`");

  /** What an example that shows a part of a policy is a part of. */
  private static final String REST =
      """
      name: rest
      alpha: 0.01
      beta: 0.05
      window: 5s
      deadline: 1h
      metrics:
        - name: error_rate
          kind: proportion
          thresholds:
            - limit: 0.01
      """;

  private static String page() throws IOException {
    return Files.readString(PAGE);
  }

  static List<String> examples() throws IOException {
    List<String> examples = new ArrayList<>();
    Matcher matcher = YAML.matcher(page());
    while (matcher.find()) {
      examples.add(matcher.group(1));
    }
    return examples;
  }

  /** An example on its own, or with the rest around it. */
  private static PolicyReading read(String example) throws IOException {
    if (example.startsWith("name:")) {
      return PolicyReader.read(example);
    }
    YAMLMapper yaml = new YAMLMapper();
    ObjectNode whole = (ObjectNode) yaml.readTree(REST);
    ObjectNode part = (ObjectNode) yaml.readTree(example);
    boolean onlyWarns =
        Stream.of(part.path("metrics").findValuesAsText("role"))
            .anyMatch(roles -> roles.size() == part.path("metrics").size() && !roles.isEmpty());
    if (onlyWarns) {
      part.withArray("metrics").add(whole.path("metrics").get(0));
    }
    return PolicyReader.read(yaml.writeValueAsString(whole.setAll(part)));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void isAValidPolicyWithoutWarnings(String example) throws IOException {
    assertThat(PolicyLint.warnings(read(example).orThrow())).isEmpty();
  }

  @Test
  void hasExamplesOfAllThatIsNotObvious() throws IOException {
    assertThat(examples()).hasSizeGreaterThanOrEqualTo(6);
  }

  @Test
  void eachKeyIsExplained() throws IOException {
    List<String> explained = new ArrayList<>(List.of("revision", "etag"));
    Matcher matcher = KEY.matcher(page());
    while (matcher.find()) {
      explained.add(matcher.group(1));
    }
    List<String> keys = new ArrayList<>();
    collect(PolicyWriter.toTree(PolicyReader.read(Presets.text("standard")).orThrow()), keys);
    keys.removeAll(List.of("weights", "verify_split"));

    assertThat(explained).containsAll(keys).contains("quantile", "sustained", "go");
    assertThat(page()).contains("`weights`", "`verify_split`", "`failure_is_no_go`");
  }

  private static void collect(JsonNode tree, List<String> keys) {
    tree.fieldNames().forEachRemaining(keys::add);
    tree.forEach(child -> collect(child, keys));
  }

  @Test
  void eachPresetIsExplainedAndItsFileIsThere() throws IOException {
    for (String preset : Presets.NAMES) {
      String link = "[`" + preset + "`](../server/src/main/resources/policies/" + preset + ".yaml)";
      assertThat(page()).contains(link);
      assertThat(PAGE.resolveSibling(link.replaceAll(".*\\((.*)\\)", "$1"))).exists();
    }
  }
}
