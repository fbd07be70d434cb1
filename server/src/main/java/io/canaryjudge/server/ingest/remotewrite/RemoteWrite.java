package io.canaryjudge.server.ingest.remotewrite;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.series.Memo;
import io.canaryjudge.server.ingest.series.PointRejection;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.SeriesAnswer;
import io.canaryjudge.server.ingest.series.SeriesIntake;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes write requests. Used by any thread. */
public final class RemoteWrite {

  private static final Logger LOG = LoggerFactory.getLogger(RemoteWrite.class);

  /** Unpacked bodies that are in memory at once; the next ones wait. */
  private static final int MAX_READING = 8;

  private static final long MAX_WAIT_MILLIS = 5_000;
  private static final long RETRY_MILLIS = 1_000;

  private final SeriesIntake intake;
  private final Memo<SeriesHead> memo = new Memo<>();
  private final int maxUnpackedBytes;
  private final Semaphore reading = new Semaphore(MAX_READING);

  /**
   * Takes requests into an intake.
   *
   * @param maxUnpackedBytes how large a body may be once it is unpacked
   */
  public RemoteWrite(SeriesIntake intake, int maxUnpackedBytes) {
    this.intake = intake;
    this.maxUnpackedBytes = maxUnpackedBytes;
  }

  /**
   * Takes one request. May wait for others to be read.
   *
   * @param body as it came, in Snappy's block format
   * @return completed when everything is durable; fails as {@link SeriesIntake#take} does, and then
   *     a repeat of the request is harmless
   * @throws JudgeException with INVALID_FIELD if the body cannot be read, with LIMIT_REACHED if it
   *     is too large or, with the advice to try again, if too many others are being read
   */
  public CompletableFuture<WriteAnswer> take(WriteMessage message, byte[] body) {
    WritePoints points = new WritePoints();
    awaitTurn();
    try {
      byte[] plain = SnappyBlock.unpack(body, maxUnpackedBytes);
      WriteReader.read(message, plain, new WantedNames(intake), new SeriesHeads(memo), points);
    } catch (JudgeException e) {
      LOG.warn("remote write: a request was refused: {}", e.getMessage());
      throw e;
    } finally {
      reading.release();
    }
    if (points.roundedHistograms() > 0) {
      LOG.warn(
          "remote write: {} native histograms have counts that are not whole, as rules and queries"
              + " compute them; they are rounded",
          points.roundedHistograms());
    }
    return take(points.all()).thenApply(answer -> answer(message, points, answer));
  }

  private void awaitTurn() {
    try {
      if (reading.tryAcquire(MAX_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    throw JudgeException.of(
            ErrorReason.LIMIT_REACHED, MAX_READING + " write requests are being read, try again")
        .retryAfter(RETRY_MILLIS);
  }

  private CompletableFuture<SeriesAnswer> take(SeriesRequest request) {
    boolean empty =
        request.points().isEmpty() && request.unwanted() == 0 && request.rejections().isEmpty();
    return empty
        ? CompletableFuture.completedFuture(new SeriesAnswer(0, List.of(), List.of()))
        : intake.take(request);
  }

  private static WriteAnswer answer(WriteMessage message, WritePoints points, SeriesAnswer answer) {
    String refused = "";
    long rejected = answer.rejected();
    if (rejected > 0) {
      refused =
          rejected
              + " of "
              + answer.points()
              + " points were refused: "
              + answer.rejections().stream()
                  .map(RemoteWrite::shown)
                  .collect(Collectors.joining("; "));
      LOG.warn("remote write: {}", refused);
    }
    long histograms = answer.refused().stream().filter(RemoteWrite::isHistogram).count();
    return new WriteAnswer(
        message,
        readable(points.samples()) - (answer.refused().size() - histograms),
        readable(points.histograms()) - histograms,
        points.exemplars(),
        refused);
  }

  private static long readable(SeriesRequest kind) {
    return kind.points().size() + kind.unwanted();
  }

  private static boolean isHistogram(SeriesPoint point) {
    return switch (point.value()) {
      case PointValue.Exponential _, PointValue.Buckets _ -> true;
      case PointValue.Count _, PointValue.Gauge _, PointValue.ClassicBucket _ -> false;
    };
  }

  private static String shown(PointRejection rejection) {
    return rejection.points()
        + " "
        + rejection.reason().label()
        + ", such as "
        + rejection.example();
  }
}
