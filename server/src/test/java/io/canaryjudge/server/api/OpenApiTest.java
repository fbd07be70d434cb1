package io.canaryjudge.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import io.canaryjudge.proto.v1.CancelAnalysisRunRequest;
import io.canaryjudge.server.NodeProject;
import io.canaryjudge.server.TestServer;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The OpenAPI document says what is served, and all of it. */
class OpenApiTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path directory;

  private static TestServer server;
  private static JsonNode document;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start(directory);
    document = JSON.readTree(server.get("/openapi.json").body());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void everyRouteOfTheViewIsInTheDocumentAndTheOtherWayRound() throws Exception {
    List<String> described = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : document.at("/paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        described.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
      }
    }
    List<String> served =
        server
            .get("/")
            .body()
            .lines()
            .filter(line -> line.contains(" /api/v1/"))
            .filter(line -> !line.endsWith("/api/v1/write")) // Prometheus' own protocol and path
            .map(line -> line.replaceAll(" +", " "))
            .toList();

    assertThat(described).containsExactlyInAnyOrderElementsOf(served).hasSizeGreaterThan(15);
    assertThat(new YAMLMapper().readTree(server.get("/openapi.yaml").body())).isEqualTo(document);
  }

  @Test
  void everyReferenceLeadsToASchema() {
    assertThat(document.findValuesAsText("$ref"))
        .isNotEmpty()
        .allSatisfy(
            reference ->
                assertThat(document.at(reference.substring(1)).isObject()).as(reference).isTrue());
    assertThat(document.findValuesAsText("operationId")).doesNotHaveDuplicates();
  }

  /** By a validator that is not ours: everything, whether we thought of it or not. */
  @Test
  void aValidatorAcceptsTheDocument() throws Exception {
    for (String path : List.of("/openapi.json", "/openapi.yaml")) {
      assertThat(validate(server.get(path).body())).hasToString("{\"valid\":true}");
    }
  }

  @Test
  void andRefusesADamagedOne() throws Exception {
    ObjectNode nameless = document.deepCopy();
    ((ObjectNode) nameless.path("info")).remove("title");
    assertThat(validate(nameless.toString()).at("/errors/0/message").asText())
        .isEqualTo("must have required property 'title'");

    String dangling =
        document.toString().replaceFirst("#/components/schemas/\\w+", "#/components/schemas/None");
    assertThat(validate(dangling).at("/valid").asBoolean(true)).isFalse();

    ObjectNode wordless = document.deepCopy();
    wordless
        .at("/paths")
        .findValues("responses")
        .forEach(responses -> ((ObjectNode) responses.iterator().next()).remove("description"));
    assertThat(validate(wordless.toString()).at("/valid").asBoolean(true)).isFalse();
  }

  /** What https://github.com/seriousme/openapi-schema-validator says. */
  private static JsonNode validate(String text) throws Exception {
    NodeProject validator =
        NodeProject.install(Path.of("src/test/openapi-validator"), "openapi-validator");
    Path file = Files.writeString(directory.resolve("document"), text);
    Process process =
        validator
            .node(
                "answer.json",
                "node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js",
                file.toAbsolutePath().toString())
            .start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return JSON.readTree(validator.directory().resolve("answer.json").toFile());
  }

  @Test
  void answersAreValid() throws Exception {
    String run = server.createRun();
    String path = "/api/v1/analysisRuns/{run}";
    String url = "/api/v1/" + run;

    assertValid("get", "/api/v1/analysisRuns", server.get("/api/v1/analysisRuns"));
    assertValid("get", path, server.get(url));
    assertValid("get", path + "/verdict", server.get(url + "/verdict"));
    assertValid(
        "post",
        path + "/checks",
        server.post(url + "/checks", "{\"check\":\"smoke\",\"outcome\":\"CHECK_OUTCOME_FAILED\"}"));
    assertValid(
        "post",
        path + "/override",
        server.post(
            url + "/override", "{\"decision\":\"DECISION_GO\",\"author\":\"S\",\"reason\":\"r\"}"));
    server.judge().cancelAnalysisRun(CancelAnalysisRunRequest.newBuilder().setName(run).build());
    assertValid("get", path + "/verdicts", server.get(url + "/verdicts"));
    assertValid("get", "/api/v1/policies", server.get("/api/v1/policies"));
    assertValid("get", "/api/v1/policies/{policy}", server.get("/api/v1/policies/standard"));
    assertValid(
        "get",
        "/api/v1/policies/{policy}/revisions",
        server.get("/api/v1/policies/standard/revisions"));
    assertValid(
        "post", "/api/v1/policies/lint", server.post("/api/v1/policies/lint", "{\"text\":\"\"}"));

    assertValid("get", path, server.get("/api/v1/analysisRuns/none"));
    assertValid("post", "/api/v1/analysisRuns", server.post("/api/v1/analysisRuns", "{}"));
  }

  @Test
  void aGateAnswersByItsStatus() throws Exception {
    String run = server.createRun();
    String path = "/api/v1/analysisRuns/{run}/ready";
    String url = "/api/v1/" + run;
    HttpResponse<String> notYet = server.get(url + "/ready");
    assertThat(notYet.statusCode()).isEqualTo(503);
    assertThat(violations("get", path, "503", notYet.body())).isEmpty();
    assertThat(notYet.body()).contains("DECISION_WAIT");

    server.post(
        url + "/override", "{\"decision\":\"DECISION_NO_GO\",\"author\":\"S\",\"reason\":\"r\"}");
    assertThat(server.get(url + "/ready").statusCode()).isEqualTo(503);
    server.post(
        url + "/override", "{\"decision\":\"DECISION_GO\",\"author\":\"S\",\"reason\":\"r\"}");
    HttpResponse<String> go = server.get(url + "/ready?wait=20s");
    assertThat(go.statusCode()).isEqualTo(200);
    assertValid("get", path, go);

    assertThat(server.get("/api/v1/analysisRuns/none/ready").statusCode()).isEqualTo(404);
  }

  @Test
  void whatTheSchemaDoesNotKnowWouldBeNoticed() throws Exception {
    String body = server.get("/api/v1/policies/standard").body();

    assertThat(violations("get", "/api/v1/policies/{policy}", "200", body)).isEmpty();
    assertThat(
            violations(
                "get", "/api/v1/policies/{policy}", "200", body.replace("\"alpha\"", "\"alfa\"")))
        .isNotEmpty();
  }

  private static void assertValid(String method, String path, HttpResponse<String> response)
      throws Exception {
    String status = response.statusCode() == 200 ? "200" : "default";
    assertThat(violations(method, path, status, response.body()))
        .as(method + " " + path + ": " + response.body())
        .isEmpty();
  }

  private static List<String> violations(String method, String path, String status, String body)
      throws Exception {
    JsonNode content =
        document.at("/paths").path(path).path(method).at("/responses/" + status + "/content");
    String reference =
        content.properties().iterator().next().getValue().at("/schema/$ref").asText();
    JsonSchemaFactory factory =
        JsonSchemaFactory.getInstance(
            SpecVersion.VersionFlag.V202012,
            builder ->
                builder.schemaLoaders(
                    loaders -> loaders.schemas(Map.of("urn:canary-judge", document.toString()))));
    JsonSchema schema = factory.getSchema(SchemaLocation.of("urn:canary-judge" + reference));
    return schema.validate(JSON.readTree(body)).stream().map(Object::toString).toList();
  }
}
