package io.canaryjudge.server.dialect.flagger;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.server.dialect.ToolRuns;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.run.CreateRun;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.store.ArmSelection;
import io.canaryjudge.server.store.RunRecord;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The runs that belong to rollouts of Flagger: begun with the first webhook that needs one. */
final class Rollouts {

  private static final String NAMESPACE = "flagger_namespace";
  private static final String NAME = "flagger_name";
  private static final String CHECKSUM = "flagger_checksum";

  private static final String DEFAULT_POLICY = "standard";

  private final Runs runs;
  private final ToolRuns toolRuns;

  Rollouts(Runs runs) {
    this.runs = runs;
    this.toolRuns = new ToolRuns(runs);
  }

  /**
   * The run of a rollout: the one that the metadata names, or the newest of this revision, or a new
   * one.
   *
   * @throws JudgeException what {@link Runs#create} and {@link Runs#find} throw
   */
  RunRecord run(Webhook webhook, Hook hook, String creator) {
    String named = webhook.metadata("run", "");
    if (!named.isEmpty()) {
      return runs.find(named);
    }
    Optional<RunRecord> newest = find(webhook);
    Predicate<RunRecord> isAnswer = run -> run.open() || !hook.begins();
    return newest.filter(isAnswer).orElseGet(() -> begin(webhook, newest, isAnswer, creator));
  }

  /** The newest run of a rollout, if it has one. */
  Optional<RunRecord> find(Webhook webhook) {
    String named = webhook.metadata("run", "");
    if (!named.isEmpty()) {
      return Optional.of(runs.find(named));
    }
    return toolRuns
        .of(service(webhook), run -> isOfCanary(webhook, run) && isOfRevision(webhook, run))
        .findFirst();
  }

  private static boolean isOfCanary(Webhook webhook, RunRecord run) {
    return webhook.namespace().equals(run.labels().get(NAMESPACE))
        && webhook.name().equals(run.labels().get(NAME));
  }

  private static boolean isOfRevision(Webhook webhook, RunRecord run) {
    return webhook.checksum().equals(run.labels().get(CHECKSUM));
  }

  private RunRecord begin(
      Webhook webhook, Optional<RunRecord> before, Predicate<RunRecord> isAnswer, String creator) {
    // Not one of this revision: another webhook may have begun it just now.
    toolRuns
        .of(service(webhook), run -> isOfCanary(webhook, run) && !isOfRevision(webhook, run))
        .filter(RunRecord::open)
        .forEach(run -> cancel(run, "Flagger began to roll out another revision", creator));
    List<String> about = List.of(webhook.namespace(), webhook.name(), webhook.checksum());
    return toolRuns.begin(
        new CreateRun(
            ToolRuns.requestId("flagger", about, before),
            service(webhook),
            webhook.metadata("baseline_version", "primary"),
            webhook.metadata("canary_version", webhook.checksum()),
            true,
            arms(webhook),
            webhook.metadata("policy", DEFAULT_POLICY),
            OptionalLong.empty(),
            "{}",
            labels(webhook),
            webhook.metadata("artifact_digest", ""),
            Optional.empty(),
            creator,
            webhook.metadata("environment", "")),
        run -> isOfCanary(webhook, run) && isOfRevision(webhook, run) && isAnswer.test(run));
  }

  /** Ends a run without a decision; one that has ended stays as it is. */
  void cancel(RunRecord run, String reason, String actor) {
    toolRuns.cancel(run.id(), "flagger", reason, actor);
  }

  private static String service(Webhook webhook) {
    return webhook.metadata("service", webhook.name());
  }

  /**
   * Flagger copies the deployment under test as {@code <name>-primary}, and gives the pods of the
   * copy that name in the label by which the deployment picks its pods.
   */
  private static ArmSelection arms(Webhook webhook) {
    String label = webhook.metadata("arm_label", "app");
    String canary = webhook.metadata("canary_value", webhook.name());
    String baseline = webhook.metadata("baseline_value", webhook.name() + "-primary");
    return new ArmSelection(
        List.of(new LabelMatcher(label, List.of(baseline, canary))),
        label,
        baseline,
        canary,
        List.of(),
        List.of(),
        webhook.metadata("instance_label", ""));
  }

  private static SortedMap<String, String> labels(Webhook webhook) {
    SortedMap<String, String> labels = new TreeMap<>();
    labels.put(NAMESPACE, webhook.namespace());
    labels.put(NAME, webhook.name());
    labels.put(CHECKSUM, webhook.checksum());
    return labels;
  }
}
