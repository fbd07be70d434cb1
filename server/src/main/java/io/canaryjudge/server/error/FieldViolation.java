package io.canaryjudge.server.error;

/**
 * One field that cannot be accepted.
 *
 * @param field path of the field as the caller wrote it: {@code metrics[0].thresholds[1].relative}
 * @param came what came, as text; shortened where it is long
 * @param expected what is accepted instead: {@code in (0, 0.5]}
 */
public record FieldViolation(String field, String came, String expected) {

  private static final int MAX_CAME_LENGTH = 200;

  /** Shortens what came, so that an error is never much larger than its request. */
  public FieldViolation {
    if (came.length() > MAX_CAME_LENGTH) {
      came = came.substring(0, MAX_CAME_LENGTH) + "…";
    }
  }

  /** As people read it: {@code alpha: 0.7 (expected: in (0, 0.5])}. */
  @Override
  public String toString() {
    return field + ": " + came + " (expected: " + expected + ")";
  }
}
