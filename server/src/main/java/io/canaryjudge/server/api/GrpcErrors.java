package io.canaryjudge.server.api;

import com.google.protobuf.Any;
import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.canaryjudge.server.error.ErrorCategory;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/** The one place where an error becomes a gRPC status. */
public final class GrpcErrors {

  /** Domain of every {@link ErrorInfo}. */
  public static final String DOMAIN = "canaryjudge.io";

  // A status travels in headers, of which many clients take no more than 8 KiB, base64 included.
  private static final int MAX_MESSAGE_LENGTH = 600;
  private static final int MAX_VIOLATION_BYTES = 3_500;

  private GrpcErrors() {}

  /**
   * Maps an error to a status with details: always an {@link ErrorInfo}, a {@link BadRequest} where
   * fields are to blame, a {@link RetryInfo} where trying again helps. What is not meant for
   * callers becomes INTERNAL with an id that is logged.
   */
  public static StatusRuntimeException toStatus(Throwable error) {
    Throwable cause = Errors.unwrap(error);
    return switch (cause) {
      case StatusRuntimeException status -> status;
      case StatusException status ->
          new StatusRuntimeException(status.getStatus(), status.getTrailers());
      default -> fromJudge(Errors.known(cause));
    };
  }

  private static StatusRuntimeException fromJudge(JudgeException error) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(code(error.reason().category()).value())
            .setMessage(shortened(String.valueOf(error.getMessage())));
    status.addDetails(
        Any.pack(
            ErrorInfo.newBuilder()
                .setDomain(DOMAIN)
                .setReason(error.reason().name())
                .putAllMetadata(error.metadata())
                .build()));
    if (!error.violations().isEmpty()) {
      status.addDetails(Any.pack(badRequest(error)));
    }
    error
        .retryAfterMillis()
        .ifPresent(
            millis ->
                status.addDetails(
                    Any.pack(
                        RetryInfo.newBuilder()
                            .setRetryDelay(Durations.fromMillis(millis))
                            .build())));
    StatusRuntimeException mapped = StatusProto.toStatusRuntimeException(status.build());
    // The cause stays in this process: the HTTP view reads the original from it.
    return new StatusRuntimeException(mapped.getStatus().withCause(error), mapped.getTrailers());
  }

  private static BadRequest badRequest(JudgeException error) {
    BadRequest.Builder badRequest = BadRequest.newBuilder();
    int bytes = 0;
    int index = 0;
    for (FieldViolation violation : error.violations()) {
      BadRequest.FieldViolation mapped =
          BadRequest.FieldViolation.newBuilder()
              .setField(violation.field())
              .setDescription(violation.came() + " (expected: " + violation.expected() + ")")
              .build();
      bytes += mapped.getSerializedSize();
      if (bytes > MAX_VIOLATION_BYTES) {
        int left = error.violations().size() - index;
        return badRequest
            .addFieldViolations(
                BadRequest.FieldViolation.newBuilder()
                    .setField("…")
                    .setDescription(left + " more violations"))
            .build();
      }
      badRequest.addFieldViolations(mapped);
      index++;
    }
    return badRequest.build();
  }

  private static String shortened(String message) {
    return message.length() <= MAX_MESSAGE_LENGTH
        ? message
        : message.substring(0, MAX_MESSAGE_LENGTH) + "…";
  }

  private static Status.Code code(ErrorCategory category) {
    return switch (category) {
      case INVALID_ARGUMENT -> Status.Code.INVALID_ARGUMENT;
      case NOT_FOUND -> Status.Code.NOT_FOUND;
      case ALREADY_EXISTS -> Status.Code.ALREADY_EXISTS;
      case FAILED_PRECONDITION -> Status.Code.FAILED_PRECONDITION;
      case ABORTED -> Status.Code.ABORTED;
      case OUT_OF_RANGE -> Status.Code.OUT_OF_RANGE;
      case RESOURCE_EXHAUSTED -> Status.Code.RESOURCE_EXHAUSTED;
      case UNAUTHENTICATED -> Status.Code.UNAUTHENTICATED;
      case PERMISSION_DENIED -> Status.Code.PERMISSION_DENIED;
      case UNAVAILABLE -> Status.Code.UNAVAILABLE;
      case INTERNAL -> Status.Code.INTERNAL;
    };
  }
}
