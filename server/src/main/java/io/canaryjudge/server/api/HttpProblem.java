package io.canaryjudge.server.api;

import io.helidon.http.Status;
import java.util.Map;

/** An error that only exists over HTTP, such as a path without a route. */
final class HttpProblem extends RuntimeException {

  private final transient Status status;
  private final String reason;
  private final transient Map<String, String> headers;

  HttpProblem(Status status, String reason, String message) {
    this(status, reason, message, Map.of());
  }

  HttpProblem(Status status, String reason, String message, Map<String, String> headers) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.headers = Map.copyOf(headers);
  }

  Status status() {
    return status;
  }

  String reason() {
    return reason;
  }

  Map<String, String> headers() {
    return headers;
  }
}
