package io.canaryjudge.server.api;

import io.canaryjudge.server.config.ServerConfig;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.security.Caller;
import io.helidon.common.uri.UriQuery;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/** One HTTP request that was routed and admitted, and its answer. */
public final class HttpCall {

  static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final String BODY_LIMIT = "http.max-body-size";
  private static final String METRICS_LIMIT = "http.max-metrics-size";
  private static final int GZIP_BUFFER_BYTES = 8 << 10;
  private static final HeaderName NO_SNIFF_NAME = HeaderNames.create("X-Content-Type-Options");

  private final ServerRequest request;
  private final ServerResponse response;
  private final Map<String, String> pathValues;
  private final Caller caller;
  private final ServerConfig.Http limits;

  HttpCall(
      ServerRequest request,
      ServerResponse response,
      Map<String, String> pathValues,
      Caller caller,
      ServerConfig.Http limits) {
    this.request = request;
    this.response = response;
    this.pathValues = Map.copyOf(pathValues);
    this.caller = caller;
    this.limits = limits;
  }

  /** Who was admitted. */
  public Caller caller() {
    return caller;
  }

  /** Value of a variable of the path. */
  public String pathValue(String name) {
    return Optional.ofNullable(pathValues.get(name)).orElseThrow();
  }

  /** All query parameters, each with its values in order. */
  public Map<String, List<String>> query() {
    Map<String, List<String>> all = new TreeMap<>();
    for (String name : request.query().names()) {
      all.put(name, request.query().all(name));
    }
    return all;
  }

  /**
   * All parameters, each with its values in order: those of the query, then those of a form in the
   * body.
   *
   * @throws JudgeException with LIMIT_REACHED if the form is too large
   */
  public Map<String, List<String>> parameters() throws IOException {
    Map<String, List<String>> all = new TreeMap<>(query());
    if (!mediaType().equals(FORM)) {
      return all;
    }
    String form = new String(body(BODY_LIMIT, limits.maxBodyBytes()), StandardCharsets.US_ASCII);
    UriQuery parsed = UriQuery.create(form);
    for (String name : parsed.names()) {
      List<String> values = new ArrayList<>(all.getOrDefault(name, List.of()));
      values.addAll(parsed.all(name));
      all.put(name, values);
    }
    return all;
  }

  /** First value of a header. */
  public Optional<String> header(String name) {
    return request.headers().first(HeaderNames.create(name));
  }

  /** Media type of the body in lower case, without parameters; empty if it has none. */
  String mediaType() {
    return mediaType(request);
  }

  static String mediaType(ServerRequest request) {
    String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
    return type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
  }

  /**
   * The body as JSON text; empty if there is none.
   *
   * @throws RuntimeException answered as 415 if it is not declared as JSON. A page in a browser can
   *     make its visitor's machine send a request anywhere, but not with this content type
   * @throws JudgeException with LIMIT_REACHED if it is too large
   */
  public String jsonBody() throws IOException {
    if (!mediaType().equals(JSON)) {
      throw unsupportedType(JSON);
    }
    return new String(body(BODY_LIMIT, limits.maxBodyBytes()), StandardCharsets.UTF_8);
  }

  /**
   * A body with metrics as JSON text; empty if there is none.
   *
   * @throws RuntimeException as {@link #jsonBody}, with the limit for metrics
   */
  public String jsonMetricsBody() throws IOException {
    if (!mediaType().equals(JSON)) {
      throw unsupportedType(JSON);
    }
    return new String(metricsBody(), StandardCharsets.UTF_8);
  }

  /**
   * A body with metrics as it came, packed or not; empty if there is none.
   *
   * @throws JudgeException with LIMIT_REACHED if it is too large
   */
  byte[] metricsBody() throws IOException {
    return body(METRICS_LIMIT, limits.maxMetricsBytes());
  }

  /**
   * A body with metrics, unpacked if it is declared as gzip.
   *
   * @throws HttpProblem if it is packed in another way, or is not what it is declared as
   * @throws JudgeException with LIMIT_REACHED if it is too large, before or after unpacking
   */
  byte[] unpackedMetricsBody() throws IOException {
    String encoding = header("Content-Encoding").orElse("identity").trim().toLowerCase(Locale.ROOT);
    return switch (encoding) {
      case "identity", "" -> metricsBody();
      case "gzip", "x-gzip" -> gunzip(metricsBody());
      default ->
          throw new HttpProblem(
              Status.UNSUPPORTED_MEDIA_TYPE_415,
              "UNSUPPORTED_MEDIA_TYPE",
              "Content-Encoding: " + encoding + " (expected: gzip or identity)",
              Map.of("Accept-Encoding", "gzip, identity"));
    };
  }

  private byte[] gunzip(byte[] packed) {
    int most = limits.maxMetricsBytes();
    byte[] unpacked;
    try (InputStream in =
        new GZIPInputStream(new ByteArrayInputStream(packed), GZIP_BUFFER_BYTES)) {
      unpacked = in.readNBytes(most + 1);
    } catch (IOException e) {
      throw new HttpProblem(
          Status.BAD_REQUEST_400, "MALFORMED", "body: " + e.getMessage() + " (expected: gzip)");
    }
    if (unpacked.length > most) {
      throw tooLarge("body, unpacked", METRICS_LIMIT, most);
    }
    return unpacked;
  }

  private byte[] body(String limit, int most) throws IOException {
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    if (request.headers().contentLength().orElse(0) > most) {
      throw tooLarge("body", limit, most);
    }
    try (InputStream in = request.content().inputStream()) {
      byte[] bytes = in.readNBytes(most + 1);
      if (bytes.length > most) {
        throw tooLarge("body", limit, most);
      }
      return bytes;
    }
  }

  private static JudgeException tooLarge(String what, String limit, int most) {
    return JudgeException.of(
            ErrorReason.LIMIT_REACHED, what + ": more than " + most + " bytes (" + limit + ")")
        .with("limit", limit)
        .with("value", Integer.toString(most));
  }

  /** The body is of a type that the route does not read. */
  HttpProblem unsupportedType(String expected) {
    String type = mediaType();
    return new HttpProblem(
        Status.UNSUPPORTED_MEDIA_TYPE_415,
        "UNSUPPORTED_MEDIA_TYPE",
        "Content-Type: " + (type.isEmpty() ? "nothing" : type) + " (expected: " + expected + ")");
  }

  /** Answers 200 with JSON. */
  public void answerJson(String json) {
    answerJson(true, json);
  }

  /** Answers 200 for a yes and 503 for a no, with JSON. */
  void answerJson(boolean yes, String json) {
    answer(
        yes ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503,
        JSON,
        json.getBytes(StandardCharsets.UTF_8));
  }

  /** Answers 200 for a yes and 403 for a no, with one line of text. */
  public void answerText(boolean yes, String line) {
    answer(
        yes ? Status.OK_200 : Status.FORBIDDEN_403,
        TEXT,
        (line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a header to the answer that follows. */
  void addHeader(String name, String value) {
    response.header(HeaderNames.create(name), value);
  }

  /** Answers 204. */
  void answerNothing() {
    response.status(Status.NO_CONTENT_204).send();
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
