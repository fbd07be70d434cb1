package io.canaryjudge.server.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An event, read back from the outbox.
 *
 * @param id its identity
 * @param kind what happened
 * @param facts what is known of it
 * @param source URI reference of this server
 * @param link where the run can be read; empty if unknown
 */
record Told(String id, EventKind kind, JsonNode facts, String source, String link) {

  String text(String field) {
    return facts.path(field).asText();
  }

  String runId() {
    String run = text("run");
    return run.substring(run.indexOf('/') + 1);
  }

  /** The facts, with the link if there is one. */
  ObjectNode data() {
    ObjectNode data = facts.deepCopy();
    if (!link.isEmpty()) {
      data.put("url", link);
    }
    return data;
  }

  /** In a few words, what is decided first. */
  String title() {
    String what = text("service") + " " + text("canary_version");
    return switch (kind) {
      case OPENED -> "Started: " + what + " against " + text("baseline_version");
      case STEP ->
          "Step "
              + text("step")
              + " at "
              + percent(facts.path("weight").asDouble())
              + " %, "
              + text("decision")
              + ": "
              + what;
      case CHECK_FAILED -> "Check " + facts.at("/check/check").asText() + " failed: " + what;
      case CHECK_EXPIRED -> "Check " + facts.at("/check/check").asText() + " expired: " + what;
      case DECIDED -> text("decision") + (overridden() ? " by override: " : ": ") + what;
      case OVERRIDDEN ->
          text("decision") + " by " + facts.at("/override/by").asText() + ": " + what;
      case CANCELLED -> "Cancelled: " + what;
      case ENDED -> "Ended with " + text("decision") + ": " + what;
    };
  }

  private boolean overridden() {
    return facts.has("override");
  }

  private static String percent(double weight) {
    return weight == Math.rint(weight) ? Long.toString((long) weight) : Double.toString(weight);
  }

  /** Why, as whole sentences: of the verdict, then of what happened, then of each metric. */
  List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    if (kind == EventKind.OPENED) {
      sentences.add("The judgement by " + text("policy") + " has begun.");
    } else {
      sentences.add(text("explanation"));
    }
    JsonNode check = facts.path("check");
    if (!check.path("explanation").asText().isEmpty()) {
      sentences.add(capitalized(check.path("explanation").asText()));
    }
    JsonNode cancelled = facts.path("cancelled");
    if (!cancelled.isMissingNode()) {
      String by = cancelled.path("by").asText();
      sentences.add(reasoned("Cancelled" + (by.isEmpty() ? "" : " by " + by), cancelled));
    }
    if (kind == EventKind.DECIDED || kind == EventKind.ENDED) {
      for (JsonNode metric : facts.path("metrics")) {
        String sentence = metric.path("explanation").asText();
        if (sentences.stream().noneMatch(each -> each.contains(sentence))) {
          sentences.add(sentence);
        }
      }
    }
    return sentences;
  }

  private static String capitalized(String clause) {
    return clause.substring(0, 1).toUpperCase(Locale.ROOT) + clause.substring(1);
  }

  private static String reasoned(String what, JsonNode why) {
    String reason = why.path("reason").asText();
    return what + (reason.isEmpty() ? "." : ": " + reason);
  }

  /** In one line, what it is about. */
  String about() {
    return "Baseline "
        + text("baseline_version")
        + ", run "
        + runId()
        + ", policy "
        + text("policy").replace("policies/", "").replace("/revisions/", " revision ");
  }
}
