package io.canaryjudge.server.api;

import com.google.protobuf.Message;
import com.google.rpc.Code;
import io.canaryjudge.server.ingest.otlp.OtlpIngest;
import io.helidon.http.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * OpenTelemetry's metrics over HTTP, in protobuf or as JSON. An answer is in the form of its
 * request; an error is a {@code google.rpc.Status}.
 */
public final class OtlpRoutes implements RouteGroup {

  private static final String PROTOBUF = "application/x-protobuf";

  private final OtlpIngest ingest;

  /** Serves what {@code ingest} takes. */
  public OtlpRoutes(OtlpIngest ingest) {
    this.ingest = ingest;
  }

  @Override
  public List<HttpRoute> routes() {
    return List.of(
        new HttpRoute(
            "POST",
            new PathTemplate("/v1/metrics"),
            "POST /v1/metrics",
            false,
            this::export,
            OtlpRoutes::error));
  }

  private void export(HttpCall call) throws IOException {
    String type = call.mediaType();
    // Waits on the request's own virtual thread. What join throws is unwrapped where it is mapped.
    Message answer =
        switch (type) {
          case PROTOBUF -> ingest.takeProtobuf(call.unpackedMetricsBody()).join();
          case HttpCall.JSON -> ingest.takeJson(call.unpackedMetricsBody()).join();
          default -> throw call.unsupportedType(PROTOBUF + " or " + HttpCall.JSON);
        };
    ErrorForm.Body body = body(answer, type);
    call.answer(Status.OK_200, body.contentType(), body.bytes());
  }

  private static ErrorForm.Body error(HttpErrors.Answer error, String mediaType) {
    return body(
        com.google.rpc.Status.newBuilder()
            .setCode(code(error.status().code()).getNumber())
            .setMessage(error.detail())
            .build(),
        mediaType);
  }

  private static ErrorForm.Body body(Message message, String mediaType) {
    return mediaType.equals(PROTOBUF)
        ? new ErrorForm.Body(PROTOBUF, message.toByteArray())
        : new ErrorForm.Body(
            HttpCall.JSON, JsonMessages.printOneLine(message).getBytes(StandardCharsets.UTF_8));
  }

  private static Code code(int httpStatus) {
    return switch (httpStatus) {
      case 401 -> Code.UNAUTHENTICATED;
      case 403 -> Code.PERMISSION_DENIED;
      case 413, 429 -> Code.RESOURCE_EXHAUSTED;
      case 503 -> Code.UNAVAILABLE;
      default -> httpStatus < 500 ? Code.INVALID_ARGUMENT : Code.INTERNAL;
    };
  }
}
