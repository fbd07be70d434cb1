package io.canaryjudge.server.dialect.kayenta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyImportTest {

  @ParameterizedTest
  @ValueSource(strings = {"prometheus", "stackdriver", "datadog"})
  void configsOfTheShapesInUseBecomeValidPolicies(String name) throws IOException {
    PolicyImport imported = PolicyImport.of(resource(name));

    assertThat(imported.findings().violations()).isEmpty();
    assertThat(imported.notes()).isNotEmpty();
  }

  @Test
  void groupsWeightsAndCriticalMetricsBecomeRolesAndSharesOfAlpha() throws IOException {
    PolicyImport imported = PolicyImport.of(resource("prometheus"));
    JsonNode policy = imported.policy();

    assertThat(policy.at("/name").asText()).isEqualTo("checkout-canary-config");
    assertThat(policy.at("/on_missing_data").asText()).isEqualTo("no_go");
    assertThat(policy.at("/metrics").findValuesAsText("name"))
        .containsExactly(
            "errors", "latency_p95", "cpu", "cpu.low", "heap", "sign_ups", "experiment");
    JsonNode errors = policy.at("/metrics/0");
    assertThat(errors.at("/kind").asText()).isEqualTo("proportion");
    assertThat(errors.at("/role").asText()).isEqualTo("decides");
    assertThat(errors.at("/weight").asDouble()).isEqualTo(50);
    assertThat(errors.at("/thresholds/0/relative").asDouble()).isEqualTo(0.1);
    assertThat(errors.at("/thresholds/0/floor").asDouble()).isEqualTo(0.005);
    assertThat(errors.at("/sources/0").toString())
        .isEqualTo(
            "{\"series\":\"http_requests\",\"where\":[{\"label\":\"handler\",\"values\":[\"/cart\"]}],"
                + "\"failures\":[{\"label\":\"status\",\"values\":[\"5*\"]}]}");
    assertThat(policy.at("/metrics/1/kind").asText()).isEqualTo("distribution");
    assertThat(policy.at("/metrics/1/unit").asText()).isEqualTo("s");
    assertThat(policy.at("/metrics/1/thresholds/0/quantile").asDouble()).isEqualTo(0.95);
    assertThat(policy.at("/metrics/2/harmful_direction").asText()).isEqualTo("increase");
    assertThat(policy.at("/metrics/3/harmful_direction").asText()).isEqualTo("decrease");
    assertThat(policy.at("/metrics/4/role").asText())
        .as("4 % of the score cannot fail a canary that passes with 95")
        .isEqualTo("warns");
    assertThat(policy.at("/metrics/5/thresholds/0/relative").asDouble()).isEqualTo(0.2);
    assertThat(policy.at("/metrics/6/role").asText()).as("muted").isEqualTo("warns");
  }

  @Test
  void whatCannotBeCarriedOverIsSaidWithTheReason() throws IOException {
    PolicyImport imported = PolicyImport.of(resource("prometheus"));

    assertThat(imported.notes())
        .extracting(ImportNote::toString)
        .anySatisfy(note -> assertThat(note).contains("metrics[0]", "nanStrategy", "not known"))
        .anySatisfy(note -> assertThat(note).contains("metrics[2]", "outliers"))
        .anySatisfy(note -> assertThat(note).contains("metrics[3]", "groups", "never fail"))
        .anySatisfy(note -> assertThat(note).contains("metrics[5]", "query", "PromQL"))
        .anySatisfy(note -> assertThat(note).contains("metrics[6]", "left out", "per second"))
        .anySatisfy(note -> assertThat(note).contains("scoreThresholds", "no score"));
  }

  @Test
  void queriesToOtherSystemsHaveToBeFedOtherwise() throws IOException {
    PolicyImport imported = PolicyImport.of(resource("stackdriver"));

    assertThat(imported.policy().at("/metrics/0/sources").isMissingNode()).isTrue();
    assertThat(imported.notes())
        .extracting(ImportNote::toString)
        .anySatisfy(
            note -> assertThat(note).contains("metrics[0].query", "stackdriver is not asked"));
  }

  @Test
  void namesAreMadeToFitAndStayDistinct() {
    PolicyImport imported =
        PolicyImport.of(
            """
            {"name": "7 Ünïts!", "metrics": [
              {"name": "Request Errors", "query": {"type": "datadog"}},
              {"name": "request_errors", "query": {"type": "datadog"}},
              {"name": "99th", "query": {"type": "datadog"}}]}
            """);

    assertThat(imported.findings().violations()).isEmpty();
    assertThat(imported.policy().at("/name").asText()).isEqualTo("config-7-n-ts");
    assertThat(imported.policy().at("/metrics").findValuesAsText("name"))
        .containsExactly(
            "request_errors",
            "request_errors.low",
            "request_errors.2",
            "request_errors.low.2",
            "m_99th",
            "m_99th.low");
  }

  @Test
  void aConfigThatIsNoneIsRefusedWithAllThatIsWrong() {
    assertThatThrownBy(
            () ->
                PolicyImport.of(
                    """
                    {"metrics": [{"name": "a"}, {"name": "a"},
                      {"analysisConfigurations": {"canary": {"nanStrategy": "guess",
                        "effectSize": {"allowedIncrease": "much"}}}}],
                     "classifier": {"groupWeights": {"g": 70, "h": 70}}}
                    """))
        .hasMessageContaining("name: missing")
        .hasMessageContaining("metrics[1].name: a")
        .hasMessageContaining("metrics[2].analysisConfigurations.canary.nanStrategy: guess")
        .hasMessageContaining("allowedIncrease: \"much\" (expected: a number)")
        .hasMessageContaining("classifier.groupWeights: weights of 140.0");
  }

  private static String resource(String name) throws IOException {
    try (InputStream in =
        PolicyImportTest.class.getResourceAsStream("/kayenta/" + name + ".json")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
