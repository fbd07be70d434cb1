package io.canaryjudge.server.ingest.series;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** By which labels a kind of series tells failed requests from others, where no policy says. */
enum Statuses {
  /** A status of HTTP: 5xx are failures. */
  HTTP,

  /** As OpenTelemetry says it: a status, or for requests that never got one the type of error. */
  OTEL_HTTP,

  /** A status of gRPC: those that the server is to blame for are failures. */
  RPC,

  /** As Linkerd classifies responses. */
  LINKERD,

  /** A status of HTTP, or its class. */
  ENVOY;

  private static final String ERROR_TYPE = "error_type";

  /** gRPC statuses that are the server's fault, as OpenTelemetry's conventions have it. */
  private static final Set<String> RPC_FAULTS =
      Set.of(
          "2",
          "4",
          "12",
          "13",
          "14",
          "15",
          "UNKNOWN",
          "DEADLINEEXCEEDED",
          "UNIMPLEMENTED",
          "INTERNAL",
          "UNAVAILABLE",
          "DATALOSS");

  /** Where the status stands; the first one that is there counts. */
  private List<String> labels() {
    return switch (this) {
      case HTTP -> List.of("code", "status", "status_code", "response_code", "http_status_code");
      case OTEL_HTTP -> List.of("http_response_status_code", "http_status_code");
      case RPC -> List.of("rpc_response_status_code", "rpc_grpc_status_code", "grpc_code");
      case LINKERD -> List.of("classification");
      case ENVOY -> List.of("envoy_response_code", "envoy_response_code_class");
    };
  }

  private boolean hasErrorType() {
    return this == OTEL_HTTP || this == RPC;
  }

  /**
   * Whether the requests that a series counts failed.
   *
   * @return null if it does not say: counting them as good would hide failures
   */
  @Nullable Boolean failed(Labels series) {
    for (String label : labels()) {
      String status = series.get(label);
      if (status != null) {
        return isFailure(status);
      }
    }
    return (hasErrorType() && series.get(ERROR_TYPE) != null) ? Boolean.TRUE : null;
  }

  private boolean isFailure(String status) {
    return switch (this) {
      case HTTP, OTEL_HTTP, ENVOY -> status.startsWith("5");
      case RPC -> RPC_FAULTS.contains(status.replace("_", "").toUpperCase(Locale.ROOT));
      case LINKERD -> status.equals("failure");
    };
  }
}
