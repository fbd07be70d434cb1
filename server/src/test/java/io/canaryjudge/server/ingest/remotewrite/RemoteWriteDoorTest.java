package io.canaryjudge.server.ingest.remotewrite;

import static io.canaryjudge.server.ingest.remotewrite.Messages.sample;
import static io.canaryjudge.server.ingest.remotewrite.Messages.sample2;
import static io.canaryjudge.server.ingest.remotewrite.Messages.series;
import static io.canaryjudge.server.ingest.remotewrite.Messages.snappy;
import static io.canaryjudge.server.ingest.remotewrite.Messages.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.remotewrite.v2.Exemplar;
import io.canaryjudge.remotewrite.v2.Histogram;
import io.canaryjudge.remotewrite.v2.Sample;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.remotewrite.Messages.Table;
import io.canaryjudge.server.ingest.series.Labels;
import io.canaryjudge.server.ingest.series.PointRejection;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a sender is answered, over HTTP. */
class RemoteWriteDoorTest {

  private final RecordingIntake intake = new RecordingIntake(name -> !name.startsWith("go_"));
  private final WriteDoor door = new WriteDoor(intake, Map.of("http.max-metrics-size", "64KiB"));

  @AfterEach
  void close() {
    door.close();
  }

  private static byte[] good1() {
    return write(series("__name__", "http_requests_total", "code", "200").addSamples(sample(5)));
  }

  @Test
  void version1IsAnswered204WithoutHeaders() throws Exception {
    HttpResponse<String> answer = door.send(WriteMessage.V1, good1());

    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.headers().map())
        .noneSatisfy((name, _) -> assertThat(name).contains("ritten"));
    assertThat(intake.requests()).hasSize(1);
    assertThat(intake.requests().getFirst().door()).isEqualTo(Door.REMOTE_WRITE);
    SeriesPoint point = intake.points().getFirst();
    assertThat(point.name()).isEqualTo("http_requests_total");
    assertThat(point.labels()).isEqualTo(Labels.of(Map.of("code", "200")));
    assertThat(point.value()).isEqualTo(new PointValue.Count(5));
  }

  /** Unwanted series and stale markers count as written: sending them again changes nothing. */
  @Test
  void version2IsToldHowMuchWasTaken() throws Exception {
    Table table = new Table();
    table
        .series("__name__", "http_requests_total")
        .addSamples(sample2(5))
        .addSamples(sample2(Double.longBitsToDouble(PointReader.STALE)))
        .addExemplars(Exemplar.newBuilder().setValue(1));
    table.series("__name__", "go_goroutines").addSamples(sample2(-5));
    table
        .series("__name__", "http_request_duration_seconds")
        .addHistograms(Histogram.newBuilder().setTimestamp(Messages.TIME));

    HttpResponse<String> answer = door.send(WriteMessage.V2, table.write());

    assertThat(answer.statusCode()).isEqualTo(204);
    assertWritten(answer, 3, 1, 1);
    assertThat(intake.requests()).as("taken together").hasSize(1);
    assertThat(intake.points()).hasSize(2);
    assertThat(intake.unwanted()).isEqualTo(2);
  }

  private static void assertWritten(
      HttpResponse<?> answer, long samples, long histograms, long exemplars) {
    assertThat(answer.headers().firstValue("X-Prometheus-Remote-Write-Samples-Written"))
        .contains(Long.toString(samples));
    assertThat(answer.headers().firstValue("X-Prometheus-Remote-Write-Histograms-Written"))
        .contains(Long.toString(histograms));
    assertThat(answer.headers().firstValue("X-Prometheus-Remote-Write-Exemplars-Written"))
        .contains(Long.toString(exemplars));
  }

  @Test
  void anEmptyRequestIsFine() throws Exception {
    assertThat(door.send(WriteMessage.V1, new byte[0]).statusCode()).isEqualTo(204);
    HttpResponse<String> answer = door.send(WriteMessage.V2, new byte[0]);
    assertThat(answer.statusCode()).isEqualTo(204);
    assertWritten(answer, 0, 0, 0);
    assertThat(intake.requests()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsRefusedIsSaidAndTheRestIsKept(WriteMessage message) throws Exception {
    Table table = new Table();
    table.series("__name__", "a_total").addSamples(sample2(1)).addSamples(sample2(-1));
    table.series("a", "b").addSamples(sample2(1)).addSamples(sample2(1));
    table
        .series("__name__", "latency")
        .addHistograms(Histogram.newBuilder().setTimestamp(Messages.TIME).setSchema(77));
    table.series("__name__", "b_total").addSamples(sample2(9));
    byte[] body =
        switch (message) {
          case V1 ->
              write(
                  series("__name__", "a_total").addSamples(sample(1)).addSamples(sample(-1)),
                  series("a", "b").addSamples(sample(1)).addSamples(sample(1)),
                  series("__name__", "latency")
                      .addHistograms(
                          io.canaryjudge.remotewrite.v1.Histogram.newBuilder()
                              .setTimestamp(Messages.TIME)
                              .setSchema(77)),
                  series("__name__", "b_total").addSamples(sample(9)));
          case V2 -> table.write();
        };

    HttpResponse<String> answer = door.send(message, body);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
    assertThat(answer.body())
        .startsWith("4 of 6 points were refused: ")
        .contains(
            "1 negative, such as {__name__=\"a_total\"} value: -1.0 (expected: finite, at least 0)",
            "2 bad_series, such as {a=\"b\"} __name__: nothing",
            "1 bad_histogram, such as {__name__=\"latency\"} schema: 77");
    assertThat(intake.points().stream().map(SeriesPoint::value))
        .containsExactly(new PointValue.Count(1), new PointValue.Count(9));
    if (message == WriteMessage.V2) {
      assertWritten(answer, 2, 0, 0);
    }
  }

  @Test
  void whatTheRunsRefuseIsSaidToo() throws Exception {
    intake.answerWith(
        request ->
            CompletableFuture.completedFuture(
                RecordingIntake.answer(
                    request, List.of(new PointRejection(Refusal.LATE, 1, "sealed")))));
    Table table = new Table();
    table
        .series("__name__", "a_total")
        .addSamples(sample2(1))
        .addSamples(sample2(2))
        .addSamples(sample2(3));

    HttpResponse<String> answer = door.send(WriteMessage.V2, table.write());

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("1 of 3 points were refused: 1 late, such as sealed\n");
    assertWritten(answer, 2, 0, 0);
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorReason.class,
      names = {"LIMIT_REACHED", "DRAINING", "STORE_UNAVAILABLE"})
  void whatMaySucceedLaterIsAlwaysRetried(ErrorReason reason) throws Exception {
    intake.answerWith(
        _ ->
            CompletableFuture.failedFuture(
                new CompletionException(JudgeException.of(reason, "not now").retryAfter(2_500))));

    HttpResponse<String> answer = door.send(WriteMessage.V1, good1());

    // Not 429: Prometheus drops what is answered so, unless it is configured otherwise.
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).contains("3");
    assertThat(answer.body()).isEqualTo("not now\n");
  }

  @Test
  void aDefectOfOursIsRetriedAndNotExplained() throws Exception {
    intake.answerWith(_ -> CompletableFuture.failedFuture(new IllegalStateException("secret")));

    HttpResponse<String> answer = door.send(WriteMessage.V1, good1());

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).contains("incident").doesNotContain("secret");
  }

  @Test
  void aServerThatStopsIsAskedAgainLater() throws Exception {
    door.availability.draining();

    HttpResponse<String> answer = door.send(WriteMessage.V1, good1());

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).contains("1");
  }

  @ParameterizedTest
  @CsvSource({
    "application/x-protobuf, snappy, 2.0.0, 204",
    "application/x-protobuf, SNAPPY, 0.1.0, 204",
    "application/x-protobuf, snappy, 3.0.0, 415",
    "application/x-protobuf, snappy, one, 415",
    "application/x-protobuf, gzip, 0.1.0, 415",
    "application/x-protobuf, '', 0.1.0, 415",
    "application/json, snappy, 0.1.0, 415",
    "'', snappy, 0.1.0, 415",
    "application/x-protobuf;proto=io.prometheus.write.v3.Request, snappy, 2.0.0, 415",
  })
  void whatCannotBeReadIs415(String type, String encoding, String version, int status)
      throws Exception {
    HttpResponse<String> answer =
        door.send(type, encoding, snappy(good1()), "X-Prometheus-Remote-Write-Version", version);

    assertThat(answer.statusCode()).isEqualTo(status);
    if (status == 415) {
      assertThat(answer.body()).contains("(expected: ");
      assertThat(intake.requests()).isEmpty();
    }
  }

  @Test
  void malformedBodiesAreNotRetried() throws Exception {
    byte[] text = "not snappy at all".getBytes(StandardCharsets.UTF_8);
    HttpResponse<String> snappy = door.send(WriteDoor.V1, "snappy", text);
    assertThat(snappy.statusCode()).isEqualTo(400);
    assertThat(snappy.body()).contains("Snappy's block format");

    HttpResponse<String> protobuf = door.send(WriteMessage.V2, new byte[] {0x2a, 5});
    assertThat(protobuf.statusCode()).isEqualTo(400);
    assertThat(protobuf.body())
        .contains("malformed protobuf", "expected: io.prometheus.write.v2.Request");
    assertThat(intake.requests()).isEmpty();
  }

  @Test
  void bombsAndLargeBodiesAreRefusedEarly() throws Exception {
    byte[] bomb = snappy(new byte[1 << 20]);
    assertThat(bomb).hasSizeLessThan(64 << 10);
    HttpResponse<String> unpacked = door.send(WriteDoor.V1, "snappy", bomb);
    assertThat(unpacked.statusCode()).isEqualTo(413);
    assertThat(unpacked.body()).contains("1048576 bytes unpacked (expected: at most 65536)");

    byte[] liar = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f, 0, 'a'};
    assertThat(door.send(WriteDoor.V1, "snappy", liar).statusCode()).isEqualTo(413);
    assertThat(door.send(WriteDoor.V1, "snappy", new byte[100_000]).statusCode()).isEqualTo(413);
    assertThat(door.send(WriteMessage.V1, good1()).statusCode()).isEqualTo(204);
  }

  @Test
  void theNextRequestGoesOnWhereTheCounterWas() throws Exception {
    door.send(WriteMessage.V1, good1());
    Table table = new Table();
    table
        .series("__name__", "http_requests_total", "code", "200")
        .addSamples(Sample.newBuilder().setValue(2).setTimestamp(Messages.TIME + 1_000));
    door.send(WriteMessage.V2, table.write());

    assertThat(intake.points())
        .as("a decrease is for others to judge")
        .extracting(SeriesPoint::value)
        .containsExactly(new PointValue.Count(5), new PointValue.Count(2));
    assertThat(intake.points().getFirst().labels()).isEqualTo(intake.points().getLast().labels());
  }
}
