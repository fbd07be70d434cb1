package io.canaryjudge.server.run;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.analysis.policy.ReleaseRules;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.ArmSelection;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Checks a {@link CreateRun}, all of it at once. */
public final class CreateRunChecks {

  private static final int MAX_TEXT = 200;
  private static final int MAX_LABELS = 16;
  private static final int MAX_PRODUCERS = 1_000;
  private static final long LAST_MILLIS = 253_402_300_799_999L; // the end of the year 9999

  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Pattern ENVIRONMENT = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final Pattern LABEL_KEY = Pattern.compile("[a-z][a-z0-9_]{0,62}");

  private final List<FieldViolation> violations = new ArrayList<>();

  private CreateRunChecks() {}

  /**
   * Checks a request.
   *
   * @param settings what this server can do
   * @throws JudgeException {@code INVALID_FIELD} with every violation, or {@code SAME_VERSION} if
   *     that is the only one
   */
  static void check(CreateRun request, RunSettings settings) {
    List<FieldViolation> violations = violations(request);
    request
        .retrospective()
        .ifPresent(retrospective -> violations.addAll(possible(retrospective, settings)));
    if (!violations.isEmpty()) {
      throw JudgeException.invalid(ErrorReason.INVALID_FIELD, violations);
    }
    if (!request.allowSameVersion() && request.baselineVersion().equals(request.canaryVersion())) {
      throw JudgeException.invalid(
          ErrorReason.SAME_VERSION,
          List.of(
              new FieldViolation(
                  "analysis_run.canary_version",
                  request.canaryVersion(),
                  "another version than baseline_version, or allow_same_version")));
    }
  }

  /**
   * Checks a request against when and after what its policy says GO.
   *
   * @throws JudgeException {@code INVALID_FIELD} if it could never get it
   */
  static void check(CreateRun request, ReleaseRules rules) {
    if (rules.requiredGo().isPresent()
        && request.artifactDigest().isEmpty()
        && request.retrospective().isEmpty()) {
      throw JudgeException.invalid(
          ErrorReason.INVALID_FIELD,
          List.of(
              new FieldViolation(
                  "analysis_run.artifact_digest",
                  "empty",
                  "a digest: the policy asks for its GO in "
                      + rules.requiredGo().get().environment())));
    }
  }

  /** Every field that is refused; for a door that found others, to name them all at once. */
  public static List<FieldViolation> violations(CreateRun request) {
    CreateRunChecks checks = new CreateRunChecks();
    checks.fields(request);
    return checks.violations;
  }

  private void fields(CreateRun request) {
    if (!UUID.matcher(request.requestId()).matches()) {
      add("request_id", request.requestId(), "a UUID");
    }
    text("analysis_run.service", request.service(), 1);
    text("analysis_run.baseline_version", request.baselineVersion(), 1);
    text("analysis_run.canary_version", request.canaryVersion(), 1);
    violations.addAll(ArmSelectionChecks.violations(request));
    text("analysis_run.artifact_digest", request.artifactDigest(), 0);
    if (!request.environment().isEmpty() && !ENVIRONMENT.matcher(request.environment()).matches()) {
      add("analysis_run.environment", request.environment(), ENVIRONMENT.pattern());
    }
    if (request.policyName().isEmpty()) {
      add("analysis_run.policy", "empty", "policies/{policy}");
    }
    if (request.labels().size() > MAX_LABELS) {
      add("analysis_run.labels", request.labels().size() + " labels", "at most " + MAX_LABELS);
    }
    for (Map.Entry<String, String> label : request.labels().entrySet()) {
      if (!LABEL_KEY.matcher(label.getKey()).matches()) {
        add("analysis_run.labels.key", label.getKey(), LABEL_KEY.pattern());
      }
      text("analysis_run.labels.value", label.getValue(), 0);
    }
    request.retrospective().ifPresent(this::retrospective);
  }

  private void retrospective(CreateRun.Retrospective retrospective) {
    long start = retrospective.startMillis();
    if (start < 0 || start > LAST_MILLIS) {
      add("analysis_run.retrospective.start_time", start + " ms", "in the years 1970 to 9999");
    }
    int producers = retrospective.producerCount();
    if (producers < 1 || producers > MAX_PRODUCERS) {
      add(
          "analysis_run.retrospective.producer_count",
          Integer.toString(producers),
          "in [1, " + MAX_PRODUCERS + "]");
    }
    range(retrospective);
  }

  private void range(CreateRun.Retrospective retrospective) {
    long end = retrospective.endMillis();
    if (end != 0 && (end <= retrospective.startMillis() || end > LAST_MILLIS)) {
      add(
          "analysis_run.retrospective.end_time",
          end + " ms",
          "after start_time, " + retrospective.startMillis() + " ms, and in the years to 9999");
    }
    if (retrospective.fromPrometheus() && end == 0) {
      add("analysis_run.retrospective.end_time", "missing", "set, with from_prometheus");
    }
    if (retrospective.fromPrometheus() && retrospective.producerCount() > 1) {
      add(
          "analysis_run.retrospective.producer_count",
          Integer.toString(retrospective.producerCount()),
          "unset or 1, with from_prometheus");
    }
  }

  private static List<FieldViolation> possible(
      CreateRun.Retrospective retrospective, RunSettings settings) {
    List<FieldViolation> violations = new ArrayList<>();
    long most = settings.limits().maxRetrospectiveMillis();
    long length = retrospective.endMillis() - retrospective.startMillis();
    if (retrospective.endMillis() != 0 && length > most) {
      violations.add(
          new FieldViolation(
              "analysis_run.retrospective.end_time",
              length + " ms after start_time",
              "at most " + most + " ms after it"));
    }
    if (retrospective.fromPrometheus() && !settings.pulls()) {
      violations.add(
          new FieldViolation(
              "analysis_run.retrospective.from_prometheus",
              "true",
              "false, since this server has no setting prometheus.url"));
    }
    return violations;
  }

  private void text(String field, String text, int least) {
    if (text.length() < least || text.length() > MAX_TEXT) {
      add(
          field,
          text.isEmpty() ? "empty" : text.length() + " characters",
          (least == 0 ? "at most " : least + " to ") + MAX_TEXT + " characters");
    }
  }

  private void add(String field, String came, String expected) {
    violations.add(new FieldViolation(field, came, expected));
  }

  /** Equal exactly for requests that ask for the same run. */
  static String fingerprint(CreateRun request) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      write(request.service(), out);
      write(request.baselineVersion(), out);
      write(request.canaryVersion(), out);
      out.writeBoolean(request.allowSameVersion());
      write(request.policyName(), out);
      out.writeLong(request.policyRevision().orElse(0));
      write(request.overrides(), out);
      out.writeInt(request.labels().size());
      for (Map.Entry<String, String> label : request.labels().entrySet()) {
        write(label.getKey(), out);
        write(label.getValue(), out);
      }
      write(request.artifactDigest(), out);
      out.writeBoolean(request.retrospective().isPresent());
      if (request.retrospective().isPresent()) {
        out.writeLong(request.retrospective().get().startMillis());
        out.writeInt(request.retrospective().get().producerCount());
        // Nothing for the default, here as below.
        if (request.retrospective().get().endMillis() != 0) {
          out.writeLong(request.retrospective().get().endMillis());
          out.writeBoolean(request.retrospective().get().fromPrometheus());
        }
      }
      // Nothing for the default, so that a request of before there were any is the same after it.
      if (!request.arms().equals(ArmSelection.DEFAULT)) {
        write(request.arms(), out);
      }
      if (!request.environment().isEmpty()) {
        out.writeByte(1);
        write(request.environment(), out);
      }
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void write(ArmSelection arms, DataOutputStream out) throws IOException {
    write(arms.scope(), out);
    write(arms.label(), out);
    write(arms.baselineValue(), out);
    write(arms.canaryValue(), out);
    write(arms.baseline(), out);
    write(arms.canary(), out);
    write(arms.instanceLabel(), out);
  }

  private static void write(List<LabelMatcher> matchers, DataOutputStream out) throws IOException {
    out.writeInt(matchers.size());
    for (LabelMatcher matcher : matchers) {
      write(matcher.label(), out);
      out.writeInt(matcher.values().size());
      for (String value : matcher.values()) {
        write(value, out);
      }
    }
  }

  private static void write(String text, DataOutputStream out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
