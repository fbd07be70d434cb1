package io.canaryjudge.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.canaryjudge.server.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The alert rules: valid, tested one by one, and each with something to do about it. */
class AlertRulesTest {

  private static final Path NOTHING = Path.of("/dev/null");
  private static final Path RULES = Dashboard.FOLDER.resolve("prometheus/alerts.yaml");
  private static final Path TESTS = Dashboard.FOLDER.resolve("prometheus/tests/alerts_test.yaml");

  static JsonNode rules() throws IOException {
    return new YAMLMapper().readTree(RULES.toFile()).at("/groups/0/rules");
  }

  @Test
  void rulesAreValid() throws Exception {
    Tools.Outcome outcome = Tools.run(NOTHING, "promtool", "check", "rules", RULES.toString());
    assertThat(outcome.code()).as(outcome.output()).isZero();
  }

  @Test
  void scrapeConfigurationIsValid() throws Exception {
    String file = Dashboard.FOLDER.resolve("prometheus/prometheus.yaml").toString();
    Tools.Outcome outcome = Tools.run(NOTHING, "promtool", "check", "config", file);
    assertThat(outcome.code()).as(outcome.output()).isZero();
  }

  @Test
  void eachFiresWhenItShould() throws Exception {
    Tools.Outcome outcome = Tools.run(NOTHING, "promtool", "test", "rules", TESTS.toString());
    assertThat(outcome.code()).as(outcome.output()).isZero();
    String tests = Files.readString(TESTS);
    for (JsonNode rule : rules()) {
      String alert = rule.path("alert").asText();
      assertThat(tests).as("silent").contains("alertname: " + alert + ",");
      assertThat(tests).as("firing").contains("alertname=\"" + alert + "\"");
    }
  }

  @Test
  void eachSaysWhatToDo() throws Exception {
    String page = Files.readString(Path.of("..", "docs", "dashboards.md"));
    for (JsonNode rule : rules()) {
      String alert = rule.path("alert").asText();
      assertThat(rule.at("/labels/severity").asText()).isIn(Set.of("critical", "warning", "info"));
      assertThat(rule.at("/annotations/summary").asText()).as(alert).isNotBlank();
      assertThat(rule.at("/annotations/description").asText()).as(alert).isNotBlank();
      assertThat(rule.at("/annotations/runbook_url").asText())
          .isEqualTo("docs/dashboards.md#" + alert.toLowerCase(Locale.ROOT));
      assertThat(page).contains("### " + alert + "\n");
    }
  }

  @Test
  void provisioningFilesAreYaml() throws Exception {
    for (String file :
        new String[] {"datasources/canary-judge.yaml", "dashboards/canary-judge.yaml"}) {
      JsonNode yaml =
          new YAMLMapper().readTree(Dashboard.FOLDER.resolve("provisioning/" + file).toFile());
      assertThat(yaml.path("apiVersion").asInt()).isEqualTo(1);
    }
  }
}
