package io.canaryjudge.server.notify;

import io.canaryjudge.server.store.StoredNotification;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.ResponseInfo;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Makes one attempt to deliver a notification. A redirect is not followed: a receiver has no say in
 * where messages go. Used by any thread.
 */
final class WebhookClient implements AutoCloseable {

  private static final int MOST_SHOWN = 300;

  private final Target target;
  private final Messages messages;
  private final Duration timeout;
  private final InstantSource clock;
  private final HttpClient http;

  WebhookClient(Target target, Messages messages, Duration timeout, InstantSource clock) {
    this.target = target;
    this.messages = messages;
    this.timeout = timeout;
    this.clock = clock;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1) // an offer of HTTP/2 confuses some receivers
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout);
    target.trust().ifPresent(builder::sslContext);
    this.http = builder.build();
  }

  /**
   * Sends it, and waits for the answer.
   *
   * @param attempt which one it is, from 1
   */
  Attempt send(StoredNotification notification, int attempt) throws InterruptedException {
    HttpRequest request;
    try {
      request = request(notification, attempt, messages.write(notification, target));
    } catch (Credentials.Unusable e) {
      return Attempt.failed(AttemptOutcome.CREDENTIALS, String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      return Attempt.failed(AttemptOutcome.UNREADABLE, String.valueOf(e.getMessage()));
    }
    return send(request);
  }

  private HttpRequest request(StoredNotification notification, int attempt, Message message)
      throws Credentials.Unusable {
    URI url = Credentials.url(target);
    long seconds = clock.millis() / 1_000;
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .header("Content-Type", message.contentType())
            .header("User-Agent", "canary-judge")
            .header("webhook-id", notification.event())
            .header("webhook-timestamp", Long.toString(seconds))
            .header("canary-judge-attempt", Integer.toString(attempt))
            .POST(BodyPublishers.ofString(message.body()));
    message.headers().forEach(request::header);
    List<String> secrets = Credentials.secrets(target);
    if (!secrets.isEmpty()) {
      request.header(
          "webhook-signature",
          Signature.of(secrets, notification.event(), seconds, message.body()));
    }
    Credentials.token(target)
        .ifPresent(token -> request.header("Authorization", "Bearer " + token));
    return request.build();
  }

  private Attempt send(HttpRequest request) throws InterruptedException {
    AtomicReference<@Nullable ResponseInfo> begun = new AtomicReference<>();
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(
            request,
            info -> {
              begun.set(info);
              return new HeadOfBody();
            });
    try {
      // A timeout of the request itself would not cover the body.
      HttpResponse<String> response = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return answered(response.statusCode(), response.headers(), response.body());
    } catch (TimeoutException _) {
      return broken(begun.get(), timedOut());
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return broken(
          begun.get(),
          cause instanceof HttpTimeoutException
              ? timedOut()
              : Attempt.failed(
                  AttemptOutcome.UNREACHABLE, Texts.line("no answer: " + cause, MOST_SHOWN)));
    } finally {
      answer.cancel(true);
    }
  }

  private Attempt timedOut() {
    return Attempt.failed(AttemptOutcome.TIMEOUT, "no answer within " + timeout.toMillis() + " ms");
  }

  /** The status has been said, even where the rest of the answer never comes. */
  private Attempt broken(@Nullable ResponseInfo begun, Attempt otherwise) {
    return begun == null ? otherwise : answered(begun.statusCode(), begun.headers(), "");
  }

  private Attempt answered(int status, java.net.http.HttpHeaders headers, String body) {
    if (status >= 200 && status < 300) {
      return Attempt.DELIVERED;
    }
    OptionalLong wait =
        headers
            .firstValue("Retry-After")
            .map(value -> RetryAfter.millis(value, clock.millis()))
            .orElse(OptionalLong.empty());
    AttemptOutcome outcome =
        switch (status) {
          case 400, 410, 413, 422 -> AttemptOutcome.REFUSED;
          case 429 -> AttemptOutcome.LIMITED;
          case 503 -> wait.isPresent() ? AttemptOutcome.LIMITED : AttemptOutcome.STATUS;
          default ->
              status >= 300 && status < 400 ? AttemptOutcome.REDIRECTED : AttemptOutcome.STATUS;
        };
    String said = Texts.line(body, MOST_SHOWN);
    return new Attempt(
        outcome,
        "status " + status + (said.isEmpty() ? "" : ": " + said),
        outcome == AttemptOutcome.LIMITED ? wait : OptionalLong.empty());
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
