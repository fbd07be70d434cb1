package io.canaryjudge.server.ingest.pull;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks instant queries of the HTTP API of Prometheus. Used by any thread. */
final class PrometheusClient implements AutoCloseable {

  private static final int MAX_SHOWN = 300;
  private static final int OK = 200;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int UNPROCESSABLE = 422;

  private final PullSettings settings;
  private final URI endpoint;
  private final HttpClient http;

  PrometheusClient(PullSettings settings) {
    this.settings = settings;
    String url = settings.url().toString();
    this.endpoint = URI.create((url.endsWith("/") ? url : url + "/") + "api/v1/query");
    // Redirects are not followed: credentials are for the server that was configured.
    HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(settings.timeout());
    settings.trust().ifPresent(builder::sslContext);
    this.http = builder.build();
  }

  /**
   * Asks.
   *
   * @param atMillis the moment that the query is about, epoch milliseconds
   * @return the body of an answer with status 200
   */
  byte[] query(String expression, long atMillis) throws PullException, InterruptedException {
    // By POST: the names of all recognised series are long for a URL.
    String form =
        "query="
            + URLEncoder.encode(expression, StandardCharsets.UTF_8)
            + "&time="
            + String.format(Locale.ROOT, "%d.%03d", atMillis / 1_000, atMillis % 1_000)
            + "&timeout="
            + settings.timeout().toMillis()
            + "ms";
    HttpRequest.Builder request =
        HttpRequest.newBuilder(endpoint)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            .POST(BodyPublishers.ofString(form));
    authorization().ifPresent(value -> request.header("Authorization", value));
    if (!settings.tenant().isEmpty()) {
      request.header("X-Scope-OrgID", settings.tenant());
    }
    HttpResponse<byte[]> response = send(request.build());
    if (response.statusCode() != OK) {
      throw refused(response);
    }
    return response.body();
  }

  private HttpResponse<byte[]> send(HttpRequest request)
      throws PullException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(
            request,
            BodyHandlers.limiting(BodyHandlers.ofByteArray(), settings.maxResponseBytes()));
    try {
      // A timeout of the request itself would not cover the body.
      return answer.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw timeout(e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof HttpTimeoutException) {
        throw timeout(e);
      }
      throw tooLarge(cause)
          ? new PullException(
              PullOutcome.LIMIT,
              "an answer of more bytes (expected: at most " + settings.maxResponseBytes() + ")",
              e)
          : new PullException(PullOutcome.UNREACHABLE, "no answer: " + cause, e);
    } finally {
      answer.cancel(true);
    }
  }

  private PullException timeout(Exception cause) {
    return new PullException(
        PullOutcome.TIMEOUT, "no answer within " + settings.timeout().toMillis() + " ms", cause);
  }

  /** The JDK has no type for it. */
  private static boolean tooLarge(Throwable error) {
    for (Throwable each = error; each != null; each = each.getCause()) {
      if (each instanceof IOException && String.valueOf(each.getMessage()).contains("capacity")) {
        return true;
      }
    }
    return false;
  }

  private static PullException refused(HttpResponse<byte[]> response) {
    PullOutcome outcome =
        switch (response.statusCode()) {
          case UNAUTHORIZED, FORBIDDEN -> PullOutcome.CREDENTIALS;
          case UNPROCESSABLE -> PullOutcome.LIMIT; // a query with too many samples
          default -> PullOutcome.STATUS;
        };
    String text = new String(response.body(), StandardCharsets.UTF_8).strip();
    return new PullException(
        outcome,
        "status "
            + response.statusCode()
            + ": "
            + (text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…"));
  }

  private Optional<String> authorization() throws PullException {
    if (settings.tokenFile().isPresent()) {
      return Optional.of("Bearer " + read("prometheus.token-file", settings.tokenFile().get()));
    }
    if (settings.user().isEmpty()) {
      return Optional.empty();
    }
    String password =
        settings.passwordFile().isEmpty()
            ? ""
            : read("prometheus.password-file", settings.passwordFile().get());
    return Optional.of(
        "Basic "
            + Base64.getEncoder()
                .encodeToString(
                    (settings.user() + ":" + password).getBytes(StandardCharsets.UTF_8)));
  }

  private static String read(String key, Path file) throws PullException {
    String text;
    try {
      text = Files.readString(file).strip();
    } catch (IOException e) {
      throw new PullException(
          PullOutcome.CREDENTIALS, key + ": cannot read " + file + " (expected: a text)", e);
    }
    if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
      throw new PullException(
          PullOutcome.CREDENTIALS, key + ": " + file + " (expected: one line that is not empty)");
    }
    return text;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
