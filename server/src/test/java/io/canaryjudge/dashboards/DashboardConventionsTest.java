package io.canaryjudge.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Grafana's users expect of a dashboard, as the rules of its linter have it. */
class DashboardConventionsTest {

  private static final Pattern RATE_OVER_FIXED_TIME =
      Pattern.compile("\\b(rate|irate|deriv)\\((?:[^\\[\\]]*)\\[(?!\\$__rate_interval|1h)");

  static List<Dashboard> dashboards() {
    return Dashboard.all();
  }

  @Test
  void thereAreThreeWithDistinctUids() {
    assertThat(dashboards()).hasSize(3);
    assertThat(dashboards()).extracting(d -> d.json().path("uid").asText()).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void choosesDataSourceJobAndInstanceByVariable(Dashboard dashboard) {
    assertThat(dashboard.json().path("editable").asBoolean(true)).isFalse();
    assertThat(dashboard.json().path("title").asText()).startsWith("Canary Judge / ");
    assertThat(dashboard.json().path("templating").path("list").findValuesAsText("name"))
        .contains("datasource", "job", "instance");
    for (JsonNode panel : dashboard.panels()) {
      assertThat(panel.at("/datasource/uid").asText()).isEqualTo("${datasource}");
      for (JsonNode target : panel.path("targets")) {
        assertThat(target.path("expr").asText())
            .as(panel.path("title").asText())
            .contains("job=~\"$job\"", "instance=~\"$instance\"")
            .doesNotContainPattern(RATE_OVER_FIXED_TIME);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void saysWhatEachPanelShows(Dashboard dashboard) {
    for (JsonNode panel : dashboard.panels()) {
      String title = panel.path("title").asText();
      assertThat(title).isNotBlank();
      assertThat(panel.path("description").asText()).as(title).hasSizeGreaterThan(20).endsWith(".");
      assertThat(panel.path("targets")).as(title).isNotEmpty();
      if (Set.of("timeseries", "gauge").contains(panel.path("type").asText())) {
        assertThat(panel.at("/fieldConfig/defaults/unit").asText()).as(title).isNotBlank();
      }
    }
    assertThat(dashboard.panels()).extracting(p -> p.path("id").asInt()).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void placesNoPanelOverAnother(Dashboard dashboard) {
    Set<String> cells = new HashSet<>();
    List<String> twice = new ArrayList<>();
    for (JsonNode panel : dashboard.json().path("panels")) {
      JsonNode at = panel.path("gridPos");
      assertThat(at.path("x").asInt() + at.path("w").asInt()).isBetween(1, 24);
      for (int x = 0; x < at.path("w").asInt(); x++) {
        for (int y = 0; y < at.path("h").asInt(); y++) {
          String cell = (at.path("x").asInt() + x) + "," + (at.path("y").asInt() + y);
          if (!cells.add(cell)) {
            twice.add(panel.path("title").asText());
          }
        }
      }
    }
    assertThat(twice).isEmpty();
  }
}
