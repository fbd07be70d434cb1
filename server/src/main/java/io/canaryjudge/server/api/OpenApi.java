package io.canaryjudge.server.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.canaryjudge.server.security.AccessRules;
import io.canaryjudge.server.security.Permission;
import io.helidon.http.Status;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The OpenAPI document of the JSON view, made from the routes and the descriptors of the messages,
 * so that it cannot say anything else than what is served.
 */
final class OpenApi implements RouteGroup {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<RpcRoute<?, ?>> rpcs;

  OpenApi(List<RpcRoute<?, ?>> rpcs) {
    this.rpcs = List.copyOf(rpcs);
  }

  @Override
  public List<HttpRoute> routes() {
    byte[] json = document().toPrettyString().getBytes(StandardCharsets.UTF_8);
    byte[] yaml = yaml().getBytes(StandardCharsets.UTF_8);
    return List.of(
        HttpRoute.system(
            "GET", "/openapi.json", call -> call.answer(Status.OK_200, HttpCall.JSON, json)),
        HttpRoute.system(
            "GET", "/openapi.yaml", call -> call.answer(Status.OK_200, "application/yaml", yaml)));
  }

  private String yaml() {
    try {
      return new YAMLMapper().writeValueAsString(document());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree always has a YAML form", e);
    }
  }

  ObjectNode document() {
    ObjectNode document = JSON.createObjectNode().put("openapi", "3.1.0");
    document
        .putObject("info")
        .put("title", "Canary Judge")
        .put("version", "v1")
        .put(
            "description",
            "The services canary.judge.v1.Judge and PolicyService as JSON over HTTP. Sample"
                + " streams need gRPC.")
        .putObject("license")
        .put("name", "Apache-2.0")
        .put("identifier", "Apache-2.0");
    document.putArray("servers").addObject().put("url", "/");
    document.putArray("security").addObject().putArray("token");
    ((ArrayNode) document.get("security")).addObject();
    ObjectNode paths = document.putObject("paths");
    JsonSchemas schemas = new JsonSchemas();
    for (RpcRoute<?, ?> rpc : rpcs) {
      ObjectNode path =
          paths.has(rpc.path()) ? (ObjectNode) paths.get(rpc.path()) : paths.putObject(rpc.path());
      describe(rpc, path.putObject(rpc.method().toLowerCase(Locale.ROOT)), schemas);
    }
    ObjectNode components = document.putObject("components");
    components.set("schemas", schemas.components());
    components
        .putObject("securitySchemes")
        .putObject("token")
        .put("type", "http")
        .put("scheme", "bearer");
    return document;
  }

  private static void describe(RpcRoute<?, ?> rpc, ObjectNode operation, JsonSchemas schemas) {
    String name = rpc.rpc().getFullMethodName();
    String id = Optional.ofNullable(rpc.rpc().getBareMethodName()).orElse(name);
    // Two routes may be views of one RPC; an id is unique.
    String view = rpc.path().endsWith("/{revision}") ? "Revision" : rpc.isGate() ? "Ready" : "";
    operation.put("operationId", id + view);
    operation.put("summary", words(id + view));
    Optional<Permission> permission =
        Optional.ofNullable(AccessRules.all().get(name)).flatMap(needed -> needed);
    operation.put(
        "description",
        "RPC " + name + permission.map(needed -> ". Needs " + needed + ".").orElse("."));

    ArrayNode parameters = operation.putArray("parameters");
    for (String variable : new PathTemplate(rpc.path()).variables()) {
      parameters
          .addObject()
          .put("name", variable)
          .put("in", "path")
          .put("required", true)
          .putObject("schema")
          .put("type", "string")
          .put("minLength", 1);
    }
    if (rpc.hasBody()) {
      ObjectNode body = operation.putObject("requestBody");
      body.put("required", true);
      content(body, HttpCall.JSON, schemas.reference(rpc.request().getDescriptorForType()));
    } else {
      for (Map.Entry<String, FieldDescriptor> field : RpcRequests.queryFields(rpc).entrySet()) {
        ObjectNode parameter =
            parameters.addObject().put("name", field.getKey()).put("in", "query");
        parameter.set("schema", schemas.field(field.getValue()));
      }
    }
    ObjectNode responses = operation.putObject("responses");
    ObjectNode ok = responses.putObject("200").put("description", "OK");
    if (rpc.streams()) {
      content(ok, "text/event-stream", JSON.createObjectNode().put("type", "string"));
    } else {
      content(ok, HttpCall.JSON, schemas.reference(rpc.response().getDescriptorForType()));
    }
    if (rpc.isGate()) {
      ObjectNode no = responses.putObject("503").put("description", "Not GO, or not yet");
      content(no, HttpCall.JSON, schemas.reference(rpc.response().getDescriptorForType()));
    }
    for (String status : List.of("4XX", "default")) {
      ObjectNode error =
          responses.putObject(status).put("description", "An error, with its reason");
      content(error, HttpErrors.CONTENT_TYPE, schemas.problem());
    }
  }

  /** "List analysis runs" of "ListAnalysisRuns". */
  private static String words(String id) {
    String words = id.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  private static void content(ObjectNode of, String type, ObjectNode schema) {
    of.putObject("content").putObject(type).set("schema", schema);
  }
}
