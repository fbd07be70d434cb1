package io.canaryjudge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.canaryjudge.server.CalledCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands in docs/cli.md and in the examples are commands that there are. */
class ExamplesTest {

  private static final Path DOCS = Path.of("../docs");
  private static final Path GITHUB = DOCS.resolve("examples/github/canary.yml");
  private static final Path GITLAB = DOCS.resolve("examples/gitlab/canary.gitlab-ci.yml");
  private static final Path ROLLOUT = DOCS.resolve("examples/bash/rollout.sh");

  /** A call within a script, up to what ends it. */
  private static final Pattern CALL =
      Pattern.compile("(?:canary-judge|\"\\$judge\") ((?!\\))[a-z][^&|)\n;]*)");

  @TempDir private Path directory;

  static Stream<String> calls() throws IOException {
    List<String> scripts = new ArrayList<>();
    Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(DOCS.resolve("cli.md")))
        .results()
        .map(block -> block.group(1))
        .forEach(scripts::add);
    scripts.addAll(texts(GITHUB));
    scripts.addAll(texts(GITLAB));
    scripts.add(Files.readString(ROLLOUT).replaceAll("(?m)^ *#.*", "").replace("\\\n", " "));
    return scripts.stream()
        .flatMap(script -> CALL.matcher(script).results())
        .map((MatchResult call) -> call.group(1).strip());
  }

  /** What a judge out of reach answers is enough: the arguments were understood. */
  @ParameterizedTest
  @MethodSource("calls")
  void isUnderstood(String call) {
    List<String> words = new ArrayList<>();
    Pattern.compile("\"([^\"]*)\"|(\\S+)")
        .matcher(call.replaceAll("\\$\\{ROLLOUT_ID.*", "").replaceAll(" #.*", ""))
        .results()
        .map(word -> word.group(1) == null ? word.group(2) : word.group(1))
        .map(word -> word.equals("$weight") ? "25" : word)
        .map(word -> word.replace("$timeout", "1s").replace("$1", "25"))
        .map(word -> word.replace("verdict.md", directory + "/verdict.md"))
        .map(word -> word.replace("docs/", DOCS + "/").replaceFirst("^30m$", "1s"))
        .forEach(words::add);
    if (words.getFirst().matches("server|demo")) {
      words.add("--help"); // these would not end by themselves
    } else if (!words.getFirst().equals("completion")) {
      words.addAll(List.of("--retry=0"));
    }
    CalledCommand called =
        CalledCommand.call(
            Map.of("CANARY_JUDGE_SERVER", "127.0.0.1:1", "CANARY_JUDGE_RUN", "r1"),
            words.toArray(String[]::new));
    assertThat(called.exitCode()).as(words + called.err()).isIn(0, 5);
  }

  @Test
  void thereAreCallsToCheck() throws IOException {
    assertThat(calls())
        .hasSizeGreaterThan(12)
        .anyMatch(call -> call.startsWith("wait --timeout 30m --github"));
  }

  @Test
  void theJobOfGitHubIsWhatARunnerTakes() throws IOException {
    JsonNode job = yaml(GITHUB).at("/jobs/canary");
    assertThat(job.at("/runs-on").asText()).isNotEmpty();
    for (JsonNode step : job.at("/steps")) {
      assertThat(step.properties())
          .extracting(Map.Entry::getKey)
          .isSubsetOf("name", "run", "if", "env", "uses", "with");
      // What a caller writes must never become a part of a script.
      assertThat(step.at("/run").asText()).doesNotContain("${{");
    }
  }

  @Test
  void theJobsOfGitLabAreInItsStages() throws IOException {
    JsonNode pipeline = yaml(GITLAB);
    List<String> stages = new ArrayList<>();
    pipeline.at("/stages").forEach(stage -> stages.add(stage.asText()));
    for (String job : List.of("start", "judge", "promote", "roll back")) {
      assertThat(stages).contains(pipeline.path(job).path("stage").asText());
      assertThat(pipeline.path(job).path("script").isArray()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "runs", "policy", ""})
  void everyCommandIsInTheDoc(String group) throws IOException {
    String doc = Files.readString(DOCS.resolve("cli.md"));
    String usage =
        group.isEmpty()
            ? CalledCommand.call(Map.of()).err()
            : CalledCommand.call(Map.of(), group).err();
    List<String> commands =
        Pattern.compile("(?m)^  ([a-z]+) ").matcher(usage).results().map(m -> m.group(1)).toList();
    assertThat(commands).isNotEmpty();
    assertThat(commands)
        .allSatisfy(
            command ->
                assertThat(doc)
                    .containsPattern("`" + (group.isEmpty() ? "" : group + " ") + command + "\\b"));
  }

  private static JsonNode yaml(Path file) throws IOException {
    return new ObjectMapper(new YAMLFactory()).readTree(file.toFile());
  }

  private static List<String> texts(Path file) throws IOException {
    List<String> texts = new ArrayList<>();
    collect(yaml(file), texts);
    return texts;
  }

  private static void collect(JsonNode node, List<String> into) {
    if (node.isTextual()) {
      into.add(node.asText());
    }
    node.forEach(child -> collect(child, into));
  }
}
