package io.canaryjudge.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;

/** A call that the judge refused, or that did not reach it. */
public final class JudgeCallException extends RuntimeException {

  private final Status.Code code;
  private final String reason;
  private final Duration retryAfter;

  private JudgeCallException(
      Status.Code code, String reason, Duration retryAfter, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }

  /**
   * Reads the error details that a judge sends with a status.
   *
   * @param cause what a stub threw or told
   */
  public static JudgeCallException of(Throwable cause) {
    Status status = Status.fromThrowable(cause);
    String reason = "";
    Duration retryAfter = Duration.ZERO;
    com.google.rpc.Status details = StatusProto.fromThrowable(cause);
    if (details != null) {
      for (var detail : details.getDetailsList()) {
        try {
          if (detail.is(ErrorInfo.class)) {
            reason = detail.unpack(ErrorInfo.class).getReason();
          } else if (detail.is(RetryInfo.class)) {
            var delay = detail.unpack(RetryInfo.class).getRetryDelay();
            retryAfter = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
          }
        } catch (InvalidProtocolBufferException e) {
          cause.addSuppressed(e);
        }
      }
    }
    String description = status.getDescription();
    String text =
        status.getCode()
            + (reason.isEmpty() ? "" : " (" + reason + ")")
            + (description == null ? "" : ": " + description);
    return new JudgeCallException(status.getCode(), reason, retryAfter, text, cause);
  }

  /** The gRPC status code. */
  public Status.Code code() {
    return code;
  }

  /** The judge's reason constant, such as {@code RUN_NOT_FOUND}; empty if it gave none. */
  public String reason() {
    return reason;
  }

  /** How long the judge asks to wait before another try; zero if it did not say. */
  public Duration retryAfter() {
    return retryAfter;
  }

  /**
   * Whether the same call may succeed later without anybody changing anything: the judge was not
   * reached, is starting or stopping, or asked to try again.
   */
  public boolean mayPass() {
    return switch (code) {
      case UNAVAILABLE, UNKNOWN, INTERNAL, CANCELLED, DEADLINE_EXCEEDED, DATA_LOSS -> true;
      // A gap or a replaced stream is not cured by sending the same again; a retry of the whole
      // stream is the caller's decision.
      case RESOURCE_EXHAUSTED -> retryAfter.isPositive();
      case OK,
          ABORTED,
          OUT_OF_RANGE,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          FAILED_PRECONDITION,
          UNIMPLEMENTED,
          UNAUTHENTICATED ->
          false;
    };
  }
}
