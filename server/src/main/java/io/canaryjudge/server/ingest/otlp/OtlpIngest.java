package io.canaryjudge.server.ingest.otlp;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.series.Labels;
import io.canaryjudge.server.ingest.series.Memo;
import io.canaryjudge.server.ingest.series.PointRejection;
import io.canaryjudge.server.ingest.series.SeriesAnswer;
import io.canaryjudge.server.ingest.series.SeriesIntake;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes exports, by whichever transport they come. Never blocks, so that a transport's thread may
 * call it; used by any.
 */
public final class OtlpIngest {

  /** How long an export waits to be durable. Senders give up after 10 s unless told otherwise. */
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(OtlpIngest.class);
  private static final JsonFormat.Parser JSON = JsonFormat.parser().ignoringUnknownFields();
  private static final int MAX_EXAMPLE_LENGTH = 400;
  private static final long RETRY_MILLIS = 1_000;

  private final SeriesIntake intake;
  private final Memo<Labels> memo = new Memo<>();
  private final Duration patience;

  /**
   * Makes one.
   *
   * @param intake where the points go
   * @param patience how long an export may wait to be durable before its sender is told to try
   *     again
   */
  public OtlpIngest(SeriesIntake intake, Duration patience) {
    this.intake = intake;
    this.patience = patience;
  }

  /**
   * Takes an export.
   *
   * @return completed when its points are durable: which of them were refused, if any were. Fails
   *     with the intake's reason to try again
   */
  public CompletableFuture<ExportMetricsServiceResponse> take(ExportMetricsServiceRequest export) {
    return intake
        .take(OtlpReader.read(export, intake::wants, memo, intake::knows))
        .thenApply(OtlpIngest::answer)
        .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(OtlpIngest::fail);
  }

  /**
   * Takes an export in protobuf.
   *
   * @return as {@link #take}; fails with a {@link JudgeException} INVALID_FIELD if it is none
   */
  public CompletableFuture<ExportMetricsServiceResponse> takeProtobuf(byte[] export) {
    ExportMetricsServiceRequest request;
    try {
      request = ExportMetricsServiceRequest.parseFrom(export);
    } catch (InvalidProtocolBufferException e) {
      return malformed(e, "protobuf");
    }
    return take(request);
  }

  /** Takes an export as JSON, as OpenTelemetry maps it; otherwise as {@link #takeProtobuf}. */
  public CompletableFuture<ExportMetricsServiceResponse> takeJson(byte[] export) {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    try {
      JSON.merge(new String(export, StandardCharsets.UTF_8), request);
    } catch (InvalidProtocolBufferException e) {
      return malformed(e, "JSON");
    }
    return take(request.build());
  }

  private static CompletableFuture<ExportMetricsServiceResponse> malformed(
      InvalidProtocolBufferException why, String form) {
    // What comes after the first line is advice for programmers.
    String came = String.valueOf(why.getMessage()).lines().findFirst().orElse("");
    JudgeException refusal =
        JudgeException.invalidField("body", came, "ExportMetricsServiceRequest in " + form);
    LOG.warn("refused an export: {}", refusal.getMessage());
    return CompletableFuture.failedFuture(refusal);
  }

  private static ExportMetricsServiceResponse fail(Throwable error) {
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    if (cause instanceof TimeoutException) {
      throw JudgeException.of(ErrorReason.STORE_UNAVAILABLE, "the export is not durable yet")
          .retryAfter(RETRY_MILLIS);
    }
    throw error instanceof CompletionException wrapped ? wrapped : new CompletionException(error);
  }

  private static ExportMetricsServiceResponse answer(SeriesAnswer answer) {
    long rejected = answer.rejected();
    if (rejected == 0) {
      return ExportMetricsServiceResponse.getDefaultInstance();
    }
    StringBuilder message = new StringBuilder();
    for (PointRejection rejection : answer.rejections()) {
      String example = rejection.example();
      message
          .append(message.isEmpty() ? "" : "; ")
          .append(rejection.points())
          .append(' ')
          .append(rejection.reason().label())
          .append(", first ")
          .append(
              example.length() <= MAX_EXAMPLE_LENGTH
                  ? example
                  : example.substring(0, MAX_EXAMPLE_LENGTH) + "…");
    }
    LOG.warn("refused {} of {} points of an export: {}", rejected, answer.points(), message);
    return ExportMetricsServiceResponse.newBuilder()
        .setPartialSuccess(
            ExportMetricsPartialSuccess.newBuilder()
                .setRejectedDataPoints(rejected)
                .setErrorMessage(message.toString()))
        .build();
  }
}
