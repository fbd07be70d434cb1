package io.canaryjudge.server.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.server.error.ErrorCategory;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import io.grpc.StatusRuntimeException;
import io.helidon.http.BadRequestException;
import io.helidon.http.DirectHandler;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import java.util.Map;
import java.util.TreeMap;

/**
 * The one place where an error becomes an HTTP answer: a problem document (RFC 9457) with the same
 * reason, violations and advice as the gRPC status has.
 */
public final class HttpErrors {

  static final String CONTENT_TYPE = "application/problem+json";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * An answer.
   *
   * @param headers besides the content type
   * @param detail one sentence for people
   * @param body problem document
   */
  public record Answer(Status status, Map<String, String> headers, String detail, String body) {}

  private HttpErrors() {}

  static Answer toAnswer(Throwable error) {
    Throwable cause = Errors.unwrap(error);
    if (cause instanceof StatusRuntimeException && cause.getCause() != null) {
      // From a service of ours: what the status was made of says more than the status.
      cause = cause.getCause();
    }
    return switch (cause) {
      case HttpProblem problem -> fromProblem(problem);
      case RequestException malformed -> fromProblem(ofTransport(malformed));
      case BadRequestException bad ->
          fromProblem(
              new HttpProblem(
                  Status.BAD_REQUEST_400, "MALFORMED", String.valueOf(bad.getMessage())));
      default -> fromJudge(Errors.known(cause));
    };
  }

  /** What is wrong with the HTTP itself; what follows on the connection cannot be understood. */
  private static HttpProblem ofTransport(RequestException error) {
    boolean tooLarge = error.eventType() == DirectHandler.EventType.PAYLOAD_TOO_LARGE;
    return new HttpProblem(
        error.status(),
        tooLarge ? ErrorReason.LIMIT_REACHED.name() : "MALFORMED",
        tooLarge ? "body: too large (expected: at most http.max-body-size)" : "malformed HTTP",
        Map.of("Connection", "close"));
  }

  private static Answer fromProblem(HttpProblem problem) {
    String detail = String.valueOf(problem.getMessage());
    ObjectNode document = document(problem.status(), problem.reason(), detail);
    return new Answer(problem.status(), problem.headers(), detail, document.toString());
  }

  private static Answer fromJudge(JudgeException error) {
    Status status = status(error);
    String detail = String.valueOf(error.getMessage());
    ObjectNode document = document(status, error.reason().name(), detail);
    ObjectNode metadata = document.putObject("metadata");
    new TreeMap<>(error.metadata()).forEach(metadata::put);
    ArrayNode violations = document.putArray("violations");
    for (FieldViolation violation : error.violations()) {
      violations
          .addObject()
          .put("field", violation.field())
          .put("came", violation.came())
          .put("expected", violation.expected());
    }
    Map<String, String> headers = new TreeMap<>();
    error
        .retryAfterMillis()
        .ifPresent(
            millis -> {
              document.put("retryAfterMillis", millis);
              headers.put("Retry-After", Long.toString((millis + 999) / 1_000));
            });
    if (error.reason().category() == ErrorCategory.UNAUTHENTICATED) {
      headers.put("WWW-Authenticate", "Bearer");
    }
    return new Answer(status, headers, detail, document.toString());
  }

  private static ObjectNode document(Status status, String reason, String detail) {
    return JSON.createObjectNode()
        .put("type", "urn:canary-judge:error:" + reason)
        .put("title", status.reasonPhrase())
        .put("status", status.code())
        .put("detail", detail)
        .put("reason", reason);
  }

  private static Status status(JudgeException error) {
    return switch (error.reason().category()) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> Status.BAD_REQUEST_400;
      case NOT_FOUND -> Status.NOT_FOUND_404;
      case ALREADY_EXISTS, FAILED_PRECONDITION, ABORTED -> Status.CONFLICT_409;
      // Without advice to try again, what was sent is simply too much.
      case RESOURCE_EXHAUSTED ->
          error.retryAfterMillis().isPresent()
              ? Status.TOO_MANY_REQUESTS_429
              : Status.REQUEST_ENTITY_TOO_LARGE_413;
      case UNAUTHENTICATED -> Status.UNAUTHORIZED_401;
      case PERMISSION_DENIED -> Status.FORBIDDEN_403;
      case UNAVAILABLE -> Status.SERVICE_UNAVAILABLE_503;
      case INTERNAL -> Status.INTERNAL_SERVER_ERROR_500;
    };
  }
}
