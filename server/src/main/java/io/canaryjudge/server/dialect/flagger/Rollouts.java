package io.canaryjudge.server.dialect.flagger;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.run.CreateRun;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.store.ArmSelection;
import io.canaryjudge.server.store.RunFilter;
import io.canaryjudge.server.store.RunRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionException;

/** The runs that belong to rollouts of Flagger: begun with the first webhook that needs one. */
final class Rollouts {

  private static final String NAMESPACE = "flagger_namespace";
  private static final String NAME = "flagger_name";
  private static final String CHECKSUM = "flagger_checksum";

  /** How many runs of the service are looked through for that of a rollout. */
  private static final int LOOK_BACK = 100;

  private static final String DEFAULT_POLICY = "standard";

  private final Runs runs;

  Rollouts(Runs runs) {
    this.runs = runs;
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
    boolean another = newest.isEmpty() || (hook.begins() && !newest.get().open());
    return another ? create(webhook, newest, creator) : newest.get();
  }

  /** The newest run of a rollout, if it has one. */
  Optional<RunRecord> find(Webhook webhook) {
    String named = webhook.metadata("run", "");
    if (!named.isEmpty()) {
      return Optional.of(runs.find(named));
    }
    return ofCanary(webhook).stream()
        .filter(run -> webhook.checksum().equals(run.labels().get(CHECKSUM)))
        .findFirst();
  }

  private List<RunRecord> ofCanary(Webhook webhook) {
    return runs.list(new RunFilter(service(webhook), Set.of()), LOOK_BACK, "").items().stream()
        .filter(
            run ->
                webhook.namespace().equals(run.labels().get(NAMESPACE))
                    && webhook.name().equals(run.labels().get(NAME)))
        .toList();
  }

  private RunRecord create(Webhook webhook, Optional<RunRecord> before, String creator) {
    for (RunRecord earlier : ofCanary(webhook)) {
      if (earlier.open()) {
        cancel(earlier, "Flagger began to roll out another revision", creator);
      }
    }
    return runs.create(
        new CreateRun(
            requestId(webhook, before),
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
            webhook.metadata("environment", "")));
  }

  /** Ends a run without a decision; one that has ended stays as it is. */
  void cancel(RunRecord run, String reason, String actor) {
    try {
      runs.cancel(run.id(), "flagger", reason, actor).join();
    } catch (CompletionException e) {
      boolean over =
          e.getCause() instanceof JudgeException known && known.reason() == ErrorReason.RUN_CLOSED;
      if (!over) {
        throw e;
      }
    }
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

  /** The same for a webhook that is sent again, so that two at once begin one run. */
  private static String requestId(Webhook webhook, Optional<RunRecord> before) {
    String text =
        String.join(
            "\n",
            "flagger",
            webhook.namespace(),
            webhook.name(),
            webhook.checksum(),
            before.map(RunRecord::id).orElse(""));
    return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
