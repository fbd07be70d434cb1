package io.canaryjudge.server.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * CDEvents 0.5.1 (https://github.com/cdevents/spec/tree/v0.5.1), carried as its CloudEvents binding
 * says. A judgement is a run of a test suite, which is the policy; a check is a test case. What has
 * no word there is an event of a type of our own, and every event has our facts as custom data.
 */
final class CdEvents {

  private static final String SPEC_VERSION = "0.5.1";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SUITE_STARTED = "dev.cdevents.testsuiterun.started.0.3.0";
  private static final String SUITE_FINISHED = "dev.cdevents.testsuiterun.finished.0.3.0";
  private static final String CASE_FINISHED = "dev.cdevents.testcaserun.finished.0.3.0";
  private static final String INCIDENT = "dev.cdevents.incident.detected.0.3.0";
  private static final String STEPPED = "dev.cdeventsx.canaryjudge-run.stepped.0.1.0";
  private static final String OVERRIDDEN = "dev.cdeventsx.canaryjudge-run.overridden.0.1.0";
  private static final String ENDED = "dev.cdeventsx.canaryjudge-run.ended.0.1.0";

  private record Event(String type, String subject, ObjectNode content) {}

  private CdEvents() {}

  static Message write(Told told, String usualEnvironment) {
    Event event = event(told, environment(told, usualEnvironment));
    ObjectNode body = JSON.createObjectNode();
    body.putObject("context")
        .put("specversion", SPEC_VERSION)
        .put("id", told.id())
        .put("source", told.source())
        .put("type", event.type())
        .put("timestamp", told.text("time"))
        .put("chainId", told.runId()); // random, and the same for all events of a run
    ObjectNode subject =
        body.putObject("subject").put("id", event.subject()).put("source", told.source());
    subject.set("content", event.content());
    body.set("customData", told.data());
    body.put("customDataContentType", CloudEvents.JSON_TYPE);
    return new Message(
        CloudEvents.JSON_TYPE,
        CloudEvents.headers(told, event.type(), event.subject()),
        body.toString());
  }

  private static Event event(Told told, ObjectNode environment) {
    String run = told.text("run");
    return switch (told.kind()) {
      case OPENED -> {
        ObjectNode content = suite(told, environment);
        content.putObject("trigger").put("type", "pipeline");
        yield new Event(SUITE_STARTED, run, content);
      }
      case DECIDED ->
          told.text("reason").equals("LATE")
              ? new Event(INCIDENT, run, incident(told, environment))
              : new Event(SUITE_FINISHED, run, finished(told, environment));
      case CANCELLED -> new Event(SUITE_FINISHED, run, finished(told, environment));
      case CHECK_FAILED -> testCase(told, "failure", "reason", environment);
      // Nobody answered in time: as with undecided, nothing was found out.
      case CHECK_EXPIRED -> testCase(told, "error", "explanation", environment);
      case STEP -> new Event(STEPPED, run, told.data());
      case OVERRIDDEN -> new Event(OVERRIDDEN, run, told.data());
      case ENDED -> new Event(ENDED, run, told.data());
    };
  }

  private static ObjectNode environment(Told told, String usual) {
    String label = told.facts().at("/labels/environment").asText();
    return JSON.createObjectNode().put("id", label.isEmpty() ? usual : label);
  }

  private static ObjectNode suite(Told told, ObjectNode environment) {
    String[] policy = told.text("policy").split("/", -1); // policies/NAME/revisions/NUMBER
    ObjectNode content = JSON.createObjectNode();
    content.set("environment", environment);
    content
        .putObject("testSuite")
        .put("id", policy[1])
        .put("name", policy[1])
        .put("version", policy[3]);
    return content;
  }

  /** There is no word for undecided: it is an error of the suite, since nothing was found out. */
  private static ObjectNode finished(Told told, ObjectNode environment) {
    ObjectNode content = suite(told, environment);
    String outcome =
        told.kind() == EventKind.CANCELLED
            ? "cancel"
            : switch (told.text("judged_decision")) {
              case "GO" -> "success";
              case "NO_GO" -> "failure";
              default -> "error";
            };
    content.put("outcome", outcome);
    if (outcome.equals("failure")) {
      content.put("severity", "high");
    }
    return content.put("reason", told.text("reason") + ": " + told.text("explanation"));
  }

  private static Event testCase(Told told, String outcome, String reason, ObjectNode environment) {
    JsonNode facts = told.facts().path("check");
    String check = facts.path("check").asText();
    ObjectNode content = JSON.createObjectNode();
    content.set("environment", environment);
    content.put("outcome", outcome).put("reason", facts.path(reason).asText());
    content.putObject("testSuiteRun").put("id", told.text("run")).put("source", told.source());
    content.putObject("testCase").put("id", check).put("name", check).put("type", "other");
    return new Event(CASE_FINISHED, told.text("run") + "/checks/" + check, content);
  }

  private static ObjectNode incident(Told told, ObjectNode environment) {
    ObjectNode content = JSON.createObjectNode();
    content.put("description", told.text("explanation"));
    content.set("environment", environment);
    content.putObject("service").put("id", told.text("service"));
    return content;
  }
}
