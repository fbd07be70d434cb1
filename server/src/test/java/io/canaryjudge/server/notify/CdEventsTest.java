package io.canaryjudge.server.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import io.canaryjudge.server.store.StoredNotification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * CDEvents 0.5.1. With {@code -Dcdevents.spec=DIRECTORY}, a checkout of
 * https://github.com/cdevents/spec at v0.5.1, each is also validated against its schema.
 */
class CdEventsTest {

  private static final String SPEC = System.getProperty("cdevents.spec", "");

  private static JsonNode event(StoredNotification notification) throws IOException {
    return MessagesTest.JSON.readTree(MessagesTest.write(notification, Form.CDEVENTS).body());
  }

  private static JsonNode event(String kind) throws IOException {
    for (StoredNotification each : MessagesTest.events()) {
      if (each.kind().equals(kind)) {
        return event(each);
      }
    }
    throw new AssertionError(kind);
  }

  /** A decision that came after a GO. */
  private static StoredNotification late() throws IOException {
    StoredNotification decided =
        MessagesTest.events().stream()
            .filter(each -> each.kind().equals("decided"))
            .findFirst()
            .orElseThrow();
    ObjectNode facts = (ObjectNode) MessagesTest.JSON.readTree(decided.content());
    facts.put("reason", "LATE");
    return new StoredNotification(
        decided.id(),
        decided.event(),
        decided.target(),
        decided.runId(),
        decided.kind(),
        facts.toString(),
        decided.state(),
        0,
        decided.createMillis(),
        decided.sinceMillis(),
        decided.nextMillis(),
        0,
        "");
  }

  private static List<JsonNode> all() throws IOException {
    List<JsonNode> all = new ArrayList<>();
    for (StoredNotification each : MessagesTest.events()) {
      all.add(event(each));
    }
    all.add(event(late()));
    return all;
  }

  @Test
  void aJudgementIsARunOfATestSuite() throws Exception {
    JsonNode opened = event("opened");
    assertThat(opened.at("/context/type").asText())
        .isEqualTo("dev.cdevents.testsuiterun.started.0.3.0");
    assertThat(opened.at("/subject/content/testSuite/id").asText()).isEqualTo("checked");
    assertThat(opened.at("/subject/content/testSuite/version").asText()).isEqualTo("3");
    assertThat(opened.at("/subject/content/environment/id").asText()).isEqualTo("production");

    JsonNode decided = event("decided");
    assertThat(decided.at("/context/type").asText())
        .isEqualTo("dev.cdevents.testsuiterun.finished.0.3.0");
    assertThat(decided.at("/subject/id")).isEqualTo(opened.at("/subject/id"));
    assertThat(decided.at("/context/chainId")).isEqualTo(opened.at("/context/chainId"));
    assertThat(decided.at("/subject/content/outcome").asText()).isEqualTo("failure");
    assertThat(decided.at("/subject/content/reason").asText())
        .isEqualTo("CHECK_FAILED: NO_GO: check smoke failed: 404");
    assertThat(decided.at("/customData/decision").asText()).isEqualTo("NO_GO");

    assertThat(event("cancelled").at("/subject/content/outcome").asText()).isEqualTo("cancel");
    assertThat(event(late()).at("/context/type").asText())
        .isEqualTo("dev.cdevents.incident.detected.0.3.0");
  }

  @Test
  void aCheckIsATestCaseOfIt() throws Exception {
    JsonNode failed = event("check-failed");
    assertThat(failed.at("/context/type").asText())
        .isEqualTo("dev.cdevents.testcaserun.finished.0.3.0");
    assertThat(failed.at("/subject/content/testSuiteRun/id"))
        .isEqualTo(event("opened").at("/subject/id"));
    assertThat(failed.at("/subject/content/testCase/id").asText()).isEqualTo("smoke");
    assertThat(failed.at("/subject/content/outcome").asText()).isEqualTo("failure");
    assertThat(failed.at("/subject/content/reason").asText()).isEqualTo("404");

    JsonNode expired = event("check-expired");
    assertThat(expired.at("/context/type")).isEqualTo(failed.at("/context/type"));
    assertThat(expired.at("/subject/id").asText()).endsWith("/checks/migration");
    assertThat(expired.at("/subject/content/outcome").asText()).isEqualTo("error");
    assertThat(expired.at("/subject/content/reason").asText())
        .isEqualTo("check migration expired: it had to pass before step 1");
  }

  @Test
  void allHaveWhatTheSpecificationRequires() throws Exception {
    for (JsonNode event : all()) {
      assertThat(names(event))
          .containsExactlyInAnyOrder("context", "subject", "customData", "customDataContentType");
      assertThat(names(event.path("context")))
          .containsExactlyInAnyOrder("specversion", "id", "source", "type", "timestamp", "chainId");
      assertThat(names(event.path("subject"))).containsExactlyInAnyOrder("id", "source", "content");
      assertThat(event.at("/context/specversion").asText()).isEqualTo("0.5.1");
      String type = event.at("/context/type").asText();
      if (type.startsWith("dev.cdeventsx.")) {
        assertThat(type)
            .matches(
                "dev\\.cdeventsx\\.[a-zA-Z0-9]+-[a-zA-Z]+\\.[a-zA-Z]+\\.[0-9]\\.[0-9]\\.[0-9]");
      } else {
        assertThat(event.at("/subject/content/environment/id").asText()).isNotEmpty();
      }
    }
  }

  @Test
  void theCarryingCloudEventSaysTheSame() throws Exception {
    for (StoredNotification each : MessagesTest.events()) {
      Map<String, String> headers = MessagesTest.write(each, Form.CDEVENTS).headers();
      JsonNode event = event(each);
      assertThat(headers)
          .containsEntry("ce-id", event.at("/context/id").asText())
          .containsEntry("ce-type", event.at("/context/type").asText())
          .containsEntry("ce-source", event.at("/context/source").asText())
          .containsEntry("ce-time", event.at("/context/timestamp").asText())
          .containsEntry("ce-subject", event.at("/subject/id").asText());
    }
  }

  @Test
  void eachIsValidByItsSchema() throws Exception {
    assumeTrue(!SPEC.isEmpty(), "no checkout of the specification");
    Map<String, String> schemas = schemas();
    JsonSchemaFactory factory =
        JsonSchemaFactory.getInstance(
            SpecVersion.VersionFlag.V202012,
            builder -> builder.schemaLoaders(loaders -> loaders.schemas(schemas)));
    for (JsonNode event : all()) {
      String[] type = event.at("/context/type").asText().split("\\.");
      String name = type[1].equals("cdeventsx") ? "custom" : type[2] + "-" + type[3] + "-event";
      JsonSchema schema =
          factory.getSchema(SchemaLocation.of("https://cdevents.dev/0.5.1/schema/" + name));
      assertThat(schema.validate(event)).as(event.toPrettyString()).isEmpty();
      ((ObjectNode) event.path("context")).put("added", 1);
      assertThat(schema.validate(event)).as("what must not be").isNotEmpty();
    }
  }

  /** By their own identity. */
  private static Map<String, String> schemas() throws IOException {
    Map<String, String> schemas = new HashMap<>();
    for (String folder : List.of("schemas", "schemas/links", "custom")) {
      try (Stream<Path> files = Files.list(Path.of(SPEC, folder))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".json")).toList()) {
          String text = Files.readString(file);
          schemas.put(MessagesTest.JSON.readTree(text).path("$id").asText(), text);
        }
      }
    }
    return schemas;
  }

  private static List<String> names(JsonNode node) {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }
}
