package io.canaryjudge.server.ingest.series;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusesTest {

  @ParameterizedTest
  @CsvSource({
    "OTEL_HTTP, http.response.status_code, 200, false",
    "OTEL_HTTP, http.response.status_code, 404, false",
    "OTEL_HTTP, http.response.status_code, 503, true",
    "OTEL_HTTP, http.status_code, 500, true",
    "OTEL_HTTP, error.type, timeout, true",
    "HTTP, code, 200, false",
    "HTTP, code, 5xx, true",
    "HTTP, status, 502, true",
    "HTTP, response_code, 0, false",
    "RPC, rpc.grpc.status_code, 0, false",
    "RPC, rpc.grpc.status_code, 5, false",
    "RPC, rpc.grpc.status_code, 13, true",
    "RPC, rpc.response.status_code, UNAVAILABLE, true",
    "RPC, rpc.response.status_code, NOT_FOUND, false",
    "RPC, grpc_code, DeadlineExceeded, true",
    "RPC, grpc_code, OK, false",
    "LINKERD, classification, failure, true",
    "LINKERD, classification, success, false",
    "ENVOY, envoy_response_code, 503, true",
    "ENVOY, envoy_response_code_class, 2, false"
  })
  void tellFailures(Statuses statuses, String label, String value, boolean failed) {
    assertThat(statuses.failed(Labels.of(Map.of(label, value)))).isEqualTo(failed);
  }

  @ParameterizedTest
  @CsvSource({"OTEL_HTTP", "HTTP", "RPC", "LINKERD", "ENVOY"})
  void sayNothingWithoutALabel(Statuses statuses) {
    assertThat(statuses.failed(Labels.of(Map.of("route", "/pay")))).isNull();
  }
}
