package io.canaryjudge.server.api;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.security.Caller;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One HTTP request that was routed and admitted, and its answer. */
public final class HttpCall {

  static final String JSON = "application/json";
  private static final HeaderName NO_SNIFF_NAME = HeaderNames.create("X-Content-Type-Options");

  private final ServerRequest request;
  private final ServerResponse response;
  private final Map<String, String> pathValues;
  private final Caller caller;
  private final int maxBodyBytes;

  HttpCall(
      ServerRequest request,
      ServerResponse response,
      Map<String, String> pathValues,
      Caller caller,
      int maxBodyBytes) {
    this.request = request;
    this.response = response;
    this.pathValues = Map.copyOf(pathValues);
    this.caller = caller;
    this.maxBodyBytes = maxBodyBytes;
  }

  Caller caller() {
    return caller;
  }

  /** Value of a variable of the path. */
  String pathValue(String name) {
    return Optional.ofNullable(pathValues.get(name)).orElseThrow();
  }

  /** All query parameters, each with its values in order. */
  Map<String, List<String>> query() {
    Map<String, List<String>> all = new TreeMap<>();
    for (String name : request.query().names()) {
      all.put(name, request.query().all(name));
    }
    return all;
  }

  Optional<String> header(String name) {
    return request.headers().first(HeaderNames.create(name));
  }

  /**
   * The body as JSON text; empty if there is none.
   *
   * @throws HttpProblem if it is not declared as JSON. A page in a browser can make its visitor's
   *     machine send a request anywhere, but not with this content type
   * @throws JudgeException with LIMIT_REACHED if it is too large
   */
  String jsonBody() throws IOException {
    String type = header("Content-Type").orElse("").split(";", 2)[0].trim();
    if (!type.equalsIgnoreCase(JSON)) {
      throw new HttpProblem(
          Status.UNSUPPORTED_MEDIA_TYPE_415,
          "UNSUPPORTED_MEDIA_TYPE",
          "Content-Type: " + (type.isEmpty() ? "nothing" : type) + " (expected: " + JSON + ")");
    }
    if (!request.content().hasEntity()) {
      return "";
    }
    try (InputStream in = request.content().inputStream()) {
      byte[] bytes = in.readNBytes(maxBodyBytes + 1);
      if (bytes.length > maxBodyBytes) {
        throw bodyTooLarge(maxBodyBytes);
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  static JudgeException bodyTooLarge(int maxBodyBytes) {
    return JudgeException.of(
            ErrorReason.LIMIT_REACHED, "body: more than " + maxBodyBytes + " bytes")
        .with("limit", "http.max-body-size")
        .with("value", Integer.toString(maxBodyBytes));
  }

  /** Answers 200 with JSON. */
  void answerJson(String json) {
    answer(Status.OK_200, JSON, json.getBytes(StandardCharsets.UTF_8));
  }

  /** Answers with a body. */
  void answer(Status status, String contentType, byte[] body) {
    response
        .status(status)
        .header(HeaderNames.CONTENT_TYPE, contentType)
        .header(HeaderNames.CACHE_CONTROL, "no-store")
        .header(NO_SNIFF_NAME, "nosniff")
        .send(body);
  }

  /** Begins an answer whose end is not known yet; it is flushed as it is written. */
  OutputStream stream(String contentType) {
    return response
        .status(Status.OK_200)
        .header(HeaderNames.CONTENT_TYPE, contentType)
        .header(HeaderNames.CACHE_CONTROL, "no-store")
        .outputStream();
  }
}
