package io.canaryjudge.server.error;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A request that fails for a reason that its caller should know. Anything else that is thrown is a
 * defect of ours.
 */
public final class JudgeException extends RuntimeException {

  private final ErrorReason reason;
  private final transient List<FieldViolation> violations;
  private final transient SortedMap<String, String> metadata;
  private final long retryAfterMillis;

  private JudgeException(
      ErrorReason reason,
      String message,
      List<FieldViolation> violations,
      Map<String, String> metadata,
      long retryAfterMillis,
      @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.violations = List.copyOf(violations);
    this.metadata = new TreeMap<>(metadata);
    this.retryAfterMillis = retryAfterMillis;
  }

  /**
   * Begins an error of a reason.
   *
   * @param reason why
   * @param message one sentence for people
   */
  public static JudgeException of(ErrorReason reason, String message) {
    return new JudgeException(reason, message, List.of(), Map.of(), -1, null);
  }

  /**
   * Refuses one field, with reason {@link ErrorReason#INVALID_FIELD}.
   *
   * @param field path of the field
   * @param came what came
   * @param expected what is accepted instead
   */
  public static JudgeException invalidField(String field, @Nullable Object came, String expected) {
    return invalid(
        ErrorReason.INVALID_FIELD,
        List.of(new FieldViolation(field, String.valueOf(came), expected)));
  }

  /**
   * Refuses fields; the message lists them all.
   *
   * @param reason why
   * @param violations at least one
   */
  public static JudgeException invalid(ErrorReason reason, List<FieldViolation> violations) {
    String message =
        violations.stream().map(FieldViolation::toString).collect(Collectors.joining("; "));
    return new JudgeException(reason, message, violations, Map.of(), -1, null);
  }

  /** This error with one more property, such as {@code expected_sequence}. */
  public JudgeException with(String key, String value) {
    SortedMap<String, String> more = new TreeMap<>(metadata);
    more.put(key, value);
    return new JudgeException(reason, text(), violations, more, retryAfterMillis, getCause());
  }

  /**
   * This error with the advice to try again.
   *
   * @param millis after how long, at least 0
   */
  public JudgeException retryAfter(long millis) {
    if (millis < 0) {
      throw new IllegalArgumentException("millis: " + millis + " (expected: at least 0)");
    }
    return new JudgeException(reason, text(), violations, metadata, millis, getCause());
  }

  /** This error with its cause, which is logged and never sent. */
  public JudgeException causedBy(Throwable cause) {
    return new JudgeException(reason, text(), violations, metadata, retryAfterMillis, cause);
  }

  private String text() {
    String message = getMessage();
    return message == null ? reason.name() : message;
  }

  /** Why. */
  public ErrorReason reason() {
    return reason;
  }

  /** The fields that cannot be accepted; may be empty. */
  public List<FieldViolation> violations() {
    return violations;
  }

  /** Properties for programs, by name; may be empty. */
  public Map<String, String> metadata() {
    return Map.copyOf(metadata);
  }

  /** After how many milliseconds to try again; empty if that is of no use. */
  public OptionalLong retryAfterMillis() {
    return retryAfterMillis < 0 ? OptionalLong.empty() : OptionalLong.of(retryAfterMillis);
  }
}
