package io.canaryjudge.server.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.helidon.http.Status;
import java.nio.charset.StandardCharsets;

/** How a route says that something went wrong: in the form that its protocol has for that. */
@FunctionalInterface
public interface ErrorForm {

  /** Problem documents, RFC 9457. */
  ErrorForm PROBLEM =
      (error, _) ->
          new Body(HttpErrors.CONTENT_TYPE, error.body().getBytes(StandardCharsets.UTF_8));

  /**
   * An object with a {@code message}, as Spring and the tools built with it answer. To such tools
   * 503 is the only status that means "later", so what is too much for now is that, too.
   */
  ErrorForm MESSAGE = new MessageForm();

  /** One line of text. */
  ErrorForm PLAIN =
      (error, _) ->
          new Body(
              "text/plain; charset=utf-8",
              (error.detail() + "\n").getBytes(StandardCharsets.UTF_8));

  /** As Prometheus answers a query. */
  ErrorForm PROMETHEUS =
      (error, _) -> {
        String json =
            JsonNodeFactory.instance
                .objectNode()
                .put("status", "error")
                .put("errorType", error.status().code() < 500 ? "bad_data" : "unavailable")
                .put("error", error.detail())
                .toString();
        return new Body(HttpCall.JSON, json.getBytes(StandardCharsets.UTF_8));
      };

  /** A body and what it is. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Body(String contentType, byte[] bytes) {}

  /**
   * The body of an answer whose status and headers are settled.
   *
   * @param error what went wrong
   * @param mediaType of the request's body, in lower case without parameters; empty if it had none
   */
  Body write(HttpErrors.Answer error, String mediaType);

  /** The status of the answer. */
  default Status status(HttpErrors.Answer error) {
    return error.status();
  }

  /** See {@link #MESSAGE}. */
  final class MessageForm implements ErrorForm {

    private MessageForm() {}

    @Override
    public Body write(HttpErrors.Answer error, String mediaType) {
      Status status = status(error);
      String json =
          JsonNodeFactory.instance
              .objectNode()
              .put("status", status.code())
              .put("error", status.reasonPhrase())
              .put("message", error.detail())
              .toString();
      return new Body(HttpCall.JSON, json.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Status status(HttpErrors.Answer error) {
      return error.status().code() == Status.TOO_MANY_REQUESTS_429.code()
          ? Status.SERVICE_UNAVAILABLE_503
          : error.status();
    }
  }
}
