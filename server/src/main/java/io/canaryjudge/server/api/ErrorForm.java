package io.canaryjudge.server.api;

import java.nio.charset.StandardCharsets;

/** How a route says that something went wrong: in the form that its protocol has for that. */
@FunctionalInterface
interface ErrorForm {

  /** Problem documents, RFC 9457. */
  ErrorForm PROBLEM =
      (error, _) ->
          new Body(HttpErrors.CONTENT_TYPE, error.body().getBytes(StandardCharsets.UTF_8));

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
}
