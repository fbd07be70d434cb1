package io.canaryjudge.cli;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Label;
import io.canaryjudge.proto.v1.Retrospective;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Opens a run; its name is all that goes to standard output. */
@Command(
    name = "create",
    description = {
      "Opens a run and prints its name:",
      "  CANARY_JUDGE_RUN=$(canary-judge run create --service checkout --baseline 1.4.2 \\",
      "    --canary 1.5.0 --policy standard --request-id \"$CI_PIPELINE_ID\")"
    },
    sortOptions = false)
final class RunCreate extends JudgeCommand {

  @Mixin private Compared compared = new Compared();

  @Option(
      names = "--policy",
      paramLabel = "NAME",
      defaultValue = "standard",
      description =
          "The policy, or one of its revisions as NAME/revisions/N. Default ${DEFAULT-VALUE}.")
  private String policy = "";

  @Option(
      names = "--request-id",
      paramLabel = "ID",
      description =
          "The same for each try of one deployment, which then get the same run: a UUID, or any"
              + " text that only this deployment has. Else CANARY_JUDGE_REQUEST_ID, else a new"
              + " one.")
  private @Nullable String requestId;

  @Option(
      names = "--digest",
      paramLabel = "DIGEST",
      description = "Of the artifact, such as sha256:...")
  private @Nullable String digest;

  @Option(
      names = "--environment",
      paramLabel = "NAME",
      description = "Where it is rolled out, such as staging.")
  private @Nullable String environment;

  @Option(
      names = "--label",
      paramLabel = "KEY=VALUE",
      description = "For people and dashboards; may be repeated.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = "--allow-same-version",
      description = "The arms have the same version on purpose: A/A, or values of a feature flag.")
  private boolean allowSameVersion;

  @Option(
      names = "--records-from",
      paramLabel = "TIME",
      description = "Judge recorded samples that begin then, such as 2026-01-31T12:00:00Z.")
  private @Nullable String recordsFrom;

  @Option(
      names = "--records-until",
      paramLabel = "TIME",
      description = "With --records-from: where the records end.")
  private @Nullable String recordsUntil;

  @Option(
      names = "--from-prometheus",
      description = "With both: the judge reads the records from its Prometheus itself.")
  private boolean fromPrometheus;

  @Option(
      names = "--producers",
      paramLabel = "N",
      description = "With --records-from: how many producers will send.")
  private @Nullable Integer producers;

  @Mixin private OverrideOptions overrides = new OverrideOptions();

  @Mixin private ArmOptions arms = new ArmOptions();

  RunCreate(Shell shell) {
    super(shell);
  }

  @Override
  void check() {
    run();
  }

  @Override
  int run(Connection.Open judge) throws InterruptedException {
    AnalysisRun created = judge.judge().createRun(run(), requestId());
    if (json()) {
      say(Json.tree(created));
    } else {
      say(Printable.text(created.getName()));
      warn(
          "%s of %s against %s by %s"
              .formatted(
                  created.getService(),
                  created.getCanaryVersion(),
                  created.getBaselineVersion(),
                  created.getPolicyRevision()));
    }
    return ExitCodes.GO;
  }

  private AnalysisRun run() {
    AnalysisRun.Builder run =
        AnalysisRun.newBuilder()
            .setService(compared.service())
            .setBaselineVersion(compared.baseline())
            .setCanaryVersion(compared.canary())
            .setAllowSameVersion(allowSameVersion)
            .setPolicy(PolicyNames.resource(policy));
    Optional.ofNullable(environment).ifPresent(run::setEnvironment);
    Optional.ofNullable(digest).ifPresent(run::setArtifactDigest);
    labels.forEach((key, value) -> run.addLabels(Label.newBuilder().setKey(key).setValue(value)));
    overrides.addTo(run);
    arms.selection().ifPresent(run::setArms);
    if (recordsFrom != null) {
      run.setRetrospective(records(recordsFrom));
    } else if (producers != null || recordsUntil != null || fromPrometheus) {
      throw new UsageException(
          "--records-until, --from-prometheus, --producers: of a live run"
              + " (expected: --records-from with them)");
    }
    return run.build();
  }

  private Retrospective records(String from) {
    Retrospective.Builder records =
        Retrospective.newBuilder()
            .setStartTime(time("--records-from", from))
            .setFromPrometheus(fromPrometheus);
    Optional.ofNullable(recordsUntil)
        .ifPresent(until -> records.setEndTime(time("--records-until", until)));
    Optional.ofNullable(producers).ifPresent(records::setProducerCount);
    return records.build();
  }

  private static Timestamp time(String option, String text) {
    try {
      return Timestamps.parse(text);
    } catch (ParseException e) {
      throw new UsageException(
          option + ": '" + text + "' (expected: such as 2026-01-31T12:00:00Z)");
    }
  }

  /** A UUID as it is; of any other text the one that always follows from it (RFC 9562, v3). */
  private UUID requestId() {
    return Optional.ofNullable(requestId)
        .or(() -> shell.variable("CANARY_JUDGE_REQUEST_ID"))
        .map(RunCreate::uuid)
        .orElseGet(UUID::randomUUID);
  }

  static UUID uuid(String text) {
    return text.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
        ? UUID.fromString(text)
        : UUID.nameUUIDFromBytes(("canary-judge request " + text).getBytes(StandardCharsets.UTF_8));
  }
}
