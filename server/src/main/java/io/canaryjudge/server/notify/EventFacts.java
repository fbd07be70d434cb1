package io.canaryjudge.server.notify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.analysis.policy.RequiredCheck;
import io.canaryjudge.analysis.verdict.CheckVerdict;
import io.canaryjudge.analysis.verdict.Explanation;
import io.canaryjudge.analysis.verdict.HumanOverride;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.analysis.verdict.MetricVerdict;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.store.RunRecord;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is told of an event, as JSON that every form of message is made from. Texts that come from
 * outside are cut, so that a message has a bounded size.
 */
final class EventFacts {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_CHARACTERS = 1_000;
  private static final int MOST_METRICS = 20;
  private static final int MOST_CHECKS = 20;

  private EventFacts() {}

  static ObjectNode opened(RunRecord run, long atMillis) {
    ObjectNode facts = begin(run, EventKind.OPENED, atMillis, 0);
    facts.put("state", run.state().name());
    facts.put("decision", run.decision().name());
    return facts;
  }

  static ObjectNode of(RunRecord run, Verdict verdict, EventKind kind, long atMillis) {
    ObjectNode facts = begin(run, kind, atMillis, verdict.revision());
    facts.put("state", verdict.state().name());
    facts.put("decision", verdict.decision().name());
    facts.put("judged_decision", verdict.judgedDecision().name());
    facts.put("reason", verdict.reason().name());
    facts.put("explanation", cut(Explanation.of(verdict)));
    facts.put("open", verdict.open());
    if (verdict.step() >= 0) {
      facts.put("step", verdict.step());
      facts.put("weight", verdict.weight());
    }
    HumanOverride override = verdict.override();
    if (override != null) {
      facts
          .putObject("override")
          .put("decision", override.decision().name())
          .put("by", override.by())
          .put("reason", cut(override.reason()))
          .put("time", Instant.ofEpochMilli(override.atMillis()).toString());
    }
    ArrayNode metrics = facts.putArray("metrics");
    for (MetricVerdict metric : verdict.metrics()) {
      if (metrics.size() < MOST_METRICS) {
        metrics
            .addObject()
            .put("metric", metric.metric().name())
            .put("decides", decides(metric))
            .put("decision", metric.decision().name())
            .put("reason", metric.reason().name())
            .put("explanation", cut(Explanation.of(metric)));
      }
    }
    ArrayNode checks = facts.putArray("checks");
    for (CheckVerdict check : verdict.checks()) {
      if (checks.size() < MOST_CHECKS) {
        checks.add(check(check));
      }
    }
    return facts;
  }

  private static boolean decides(MetricVerdict metric) {
    return switch (metric.metric().role()) {
      case DECIDES -> true;
      case WARNS -> false;
    };
  }

  private static ObjectNode begin(RunRecord run, EventKind kind, long atMillis, long revision) {
    ObjectNode facts = JSON.createObjectNode();
    facts.put("event", kind.word());
    facts.put("time", Instant.ofEpochMilli(atMillis).toString());
    facts.put("run", "analysisRuns/" + run.id());
    facts.put("revision", revision);
    facts.put("service", run.service());
    facts.put("baseline_version", run.baselineVersion());
    facts.put("canary_version", run.canaryVersion());
    facts.put("policy", "policies/" + run.policyName() + "/revisions/" + run.policyRevision());
    if (!run.artifactDigest().isEmpty()) {
      facts.put("artifact_digest", run.artifactDigest());
    }
    ObjectNode labels = facts.putObject("labels");
    run.labels().forEach(labels::put);
    if (run.retrospective()) {
      facts.put("retrospective", true);
    }
    return facts;
  }

  /** Which check it is about. */
  static void addCheck(ObjectNode facts, CheckVerdict check) {
    facts.set("check", check(check).put("explanation", cut(Explanation.of(check))));
  }

  private static ObjectNode check(CheckVerdict check) {
    ObjectNode facts =
        JSON.createObjectNode()
            .put("check", check.name())
            .put("required", check.required())
            .put("outcome", check.outcome().name())
            .put("reason", cut(check.reason()))
            .put("link", check.link().length() > MOST_CHARACTERS ? "" : check.link());
    if (check.beforeStep() != RequiredCheck.NO_STEP) {
      facts.put("before_step", check.beforeStep());
    }
    if (check.deadlineMillis() > 0) {
      facts.put("deadline", Instant.ofEpochMilli(check.deadlineMillis()).toString());
    }
    return facts;
  }

  /** Who ended it. */
  static void addCancellation(ObjectNode facts, LogEntry.@Nullable Cancelled cancelled) {
    if (cancelled != null) {
      facts.putObject("cancelled").put("by", cancelled.by()).put("reason", cut(cancelled.reason()));
    }
  }

  private static String cut(String text) {
    return Texts.cut(text, MOST_CHARACTERS);
  }
}
