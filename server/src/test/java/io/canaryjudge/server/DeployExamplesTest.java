package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The examples for deploy tools have what these tools ask for: their own required fields. */
class DeployExamplesTest {

  private static final Path EXAMPLES = Path.of("../docs/examples");

  /** Fields that the resource definition of Argo Rollouts requires of the provider. */
  @Test
  void argosKayentaTemplateHasTheFieldsThatItsDefinitionRequires() throws IOException {
    List<JsonNode> documents = yaml("argo/analysis-kayenta.yaml");
    JsonNode template = documents.get(0);
    JsonNode metric = template.at("/spec/metrics/0");
    JsonNode kayenta = metric.at("/provider/kayenta");

    assertThat(template.at("/kind").asText()).isEqualTo("AnalysisTemplate");
    assertThat(metric.at("/name").asText()).isNotEmpty();
    for (String field :
        List.of(
            "address",
            "application",
            "canaryConfigName",
            "metricsAccountName",
            "configurationAccountName",
            "storageAccountName")) {
      assertThat(kayenta.at("/" + field).asText()).as(field).isNotEmpty();
    }
    assertThat(kayenta.at("/address").asText()).endsWith("/kayenta");
    int pass = kayenta.at("/threshold/pass").intValue();
    int marginal = kayenta.at("/threshold/marginal").intValue();
    assertThat(marginal).isPositive().isLessThan(pass);
    assertThat(kayenta.at("/scopes").size()).isEqualTo(1);
    for (String arm : List.of("controlScope", "experimentScope")) {
      JsonNode scope = kayenta.at("/scopes/0/" + arm);
      assertThat(scope.at("/scope").asText()).as(arm).contains("app=", " and ");
      assertThat(scope.at("/region").asText()).as(arm).isNotEmpty();
      assertThat(scope.at("/step").isInt()).as(arm).isTrue();
    }
    assertThat(kayenta.at("/scopes/0/name").asText()).isEqualTo("default");

    JsonNode analysis = documents.get(1).at("/spec/strategy/canary/steps/1/analysis");
    assertThat(analysis.at("/templates/0/templateName").asText())
        .isEqualTo(template.at("/metadata/name").asText());
    List<String> given = analysis.at("/args").findValuesAsText("name");
    for (JsonNode arg : template.at("/spec/args")) {
      assertThat(given.contains(arg.at("/name").asText()) || arg.has("value"))
          .as("%s", arg)
          .isTrue();
    }
  }

  @Test
  void argosWebTemplateAsksForTheVerdictAndTellsApartWhatItMeans() throws IOException {
    JsonNode metric = yaml("argo/analysis-web.yaml").getFirst().at("/spec/metrics/0");
    JsonNode web = metric.at("/provider/web");

    assertThat(web.at("/url").asText()).contains("/api/v1/{{args.run}}/verdict?wait=15s");
    assertThat(web.at("/timeoutSeconds").asInt()).as("longer than the wait").isGreaterThan(15);
    assertThat(web.at("/jsonPath").asText()).isEqualTo("{$.verdict}");
    assertThat(metric.at("/successCondition").asText())
        .isEqualTo("result.decision == \"DECISION_GO\"");
    assertThat(metric.at("/failureCondition").asText())
        .isEqualTo("result.decision == \"DECISION_NO_GO\"");
    assertThat(metric.at("/failureLimit").asInt(-1)).isZero();
    assertThat(metric.at("/consecutiveSuccessLimit").asInt()).isEqualTo(1);
    assertThat(metric.at("/inconclusiveLimit").asInt())
        .as("WAIT must not end it before count does")
        .isGreaterThanOrEqualTo(metric.at("/count").asInt());
  }

  @Test
  void spinnakersStageHasWhatOrcaReads() throws IOException {
    JsonNode stage =
        new ObjectMapper().readTree(EXAMPLES.resolve("spinnaker/canary-stage.json").toFile());
    JsonNode config = stage.at("/canaryConfig");

    assertThat(stage.at("/type").asText()).isEqualTo("kayentaCanary");
    assertThat(stage.at("/analysisType").asText()).isIn("realTime", "realTimeAutomatic");
    assertThat(config.at("/canaryConfigId").asText()).isEqualTo("standard");
    assertThat(config.at("/metricsAccountName").asText()).isEqualTo("canary-judge");
    Stream.of("controlScope", "controlLocation", "experimentScope", "experimentLocation")
        .forEach(key -> assertThat(config.at("/scopes/0/" + key).asText()).as(key).isNotEmpty());
    assertThat(config.at("/scopes/0/scopeName").asText()).isEqualTo("default");
    assertThat(config.at("/scopes/0/step").isInt()).isTrue();
    assertThat(config.at("/scoreThresholds/marginal").asInt())
        .isPositive()
        .isLessThan(config.at("/scoreThresholds/pass").asInt());
    assertThat(config.at("/lifetimeDuration").asText()).startsWith("PT");
  }

  private static List<JsonNode> yaml(String name) throws IOException {
    YAMLMapper mapper = new YAMLMapper();
    try (MappingIterator<JsonNode> documents =
        mapper.readerFor(JsonNode.class).readValues(EXAMPLES.resolve(name).toFile())) {
      return documents.readAll();
    }
  }
}
