package io.canaryjudge.server.api;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.remotewrite.RemoteWrite;
import io.canaryjudge.server.ingest.remotewrite.WriteAnswer;
import io.canaryjudge.server.ingest.remotewrite.WriteMessage;
import io.helidon.http.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Prometheus remote write 1.0 and 2.0 over HTTP. A sender repeats what is answered with 5xx, and
 * drops what is answered with 4xx: 429, too, unless it is configured otherwise. So whatever may
 * succeed later is 503, and nothing else is.
 */
public final class RemoteWriteRoute implements RouteGroup {

  /** Senders wait for 30 s, unless they are configured otherwise. */
  private static final long MAX_WAIT_SECONDS = 20;

  private static final String VERSION = "X-Prometheus-Remote-Write-Version";

  private final RemoteWrite remoteWrite;

  /** Serves it at {@code /api/v1/write}, where Prometheus has its own receiver. */
  public RemoteWriteRoute(RemoteWrite remoteWrite) {
    this.remoteWrite = remoteWrite;
  }

  @Override
  public List<HttpRoute> routes() {
    return List.of(
        new HttpRoute(
            "POST",
            new PathTemplate("/api/v1/write"),
            "POST /api/v1/write",
            false,
            this::write,
            ErrorForm.PLAIN));
  }

  private void write(HttpCall call) throws IOException {
    WriteMessage message = message(call);
    try {
      answer(call, await(remoteWrite.take(message, call.metricsBody())));
    } catch (JudgeException e) {
      throw e.retryAfterMillis().isPresent() ? tryAgain(e) : e;
    }
  }

  private static WriteMessage message(HttpCall call) {
    String encoding = call.header("Content-Encoding").orElse("nothing").trim();
    if (!encoding.equalsIgnoreCase("snappy")) {
      throw unsupported("Content-Encoding", encoding, "snappy");
    }
    String type = call.header("Content-Type").orElse("nothing");
    WriteMessage message =
        WriteMessage.of(type)
            .orElseThrow(() -> unsupported("Content-Type", type, WriteMessage.CONTENT_TYPES));
    // The content type tells the message. A version that is not known, and may pack or mean things
    // otherwise, is refused; one that does not fit the message is only careless.
    String version = call.header(VERSION).orElse("").trim();
    if (!version.isEmpty() && !version.matches("[012](\\..*)?")) {
      throw unsupported(VERSION, version, "0.1.0 or 2.0.0");
    }
    return message;
  }

  private static HttpProblem unsupported(String header, String came, String expected) {
    return new HttpProblem(
        Status.UNSUPPORTED_MEDIA_TYPE_415,
        "UNSUPPORTED_MEDIA_TYPE",
        header + ": " + came + " (expected: " + expected + ")");
  }

  private static WriteAnswer await(CompletableFuture<WriteAnswer> answer) {
    try {
      return answer.get(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw Errors.known(Errors.unwrap(e));
    } catch (TimeoutException e) {
      throw JudgeException.of(
              ErrorReason.STORE_UNAVAILABLE, "not durable after " + MAX_WAIT_SECONDS + " s")
          .retryAfter(0)
          .causedBy(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw JudgeException.of(ErrorReason.DRAINING, "the server is stopping").retryAfter(1_000);
    }
  }

  private static HttpProblem tryAgain(JudgeException error) {
    long seconds = (error.retryAfterMillis().orElse(0) + 999) / 1_000;
    return new HttpProblem(
        Status.SERVICE_UNAVAILABLE_503,
        error.reason().name(),
        String.valueOf(error.getMessage()),
        Map.of("Retry-After", Long.toString(Math.max(1, seconds))));
  }

  private static void answer(HttpCall call, WriteAnswer answer) {
    switch (answer.message()) {
      // Senders of version 1.0 do not know these headers.
      case V1 -> {}
      case V2 -> {
        written(call, "Samples", answer.samples());
        written(call, "Histograms", answer.histograms());
        written(call, "Exemplars", answer.exemplars());
      }
    }
    if (answer.refused().isEmpty()) {
      call.answerNothing();
    } else {
      ErrorForm.Body text = text(answer.refused());
      call.answer(Status.BAD_REQUEST_400, text.contentType(), text.bytes());
    }
  }

  /** Senders log the beginning of it as it is. */
  private static ErrorForm.Body text(String text) {
    return new ErrorForm.Body(
        "text/plain; charset=utf-8", (text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static void written(HttpCall call, String kind, long count) {
    call.addHeader("X-Prometheus-Remote-Write-" + kind + "-Written", Long.toString(count));
  }
}
