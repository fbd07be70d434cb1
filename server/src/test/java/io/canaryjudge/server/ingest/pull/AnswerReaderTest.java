package io.canaryjudge.server.ingest.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.canaryjudge.server.ingest.series.PointRejection;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.SeriesAnswer;
import io.canaryjudge.server.ingest.series.SeriesIntake;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import io.canaryjudge.server.run.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerReaderTest {

  private static final SeriesIntake INTAKE =
      new SeriesIntake() {
        @Override
        public boolean wants(String name) {
          return !name.equals("go_goroutines");
        }

        @Override
        public CompletableFuture<SeriesAnswer> take(SeriesRequest request) {
          throw new AssertionError("nothing is taken while an answer is read");
        }
      };

  private static Reading read(String... series) throws PullException {
    return AnswerReader.matrix(bytes(FakePrometheus.matrix(series).body()), INTAKE::wants, 3);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String series(String metric, String values) {
    return "{\"metric\":{" + metric + "},\"values\":[" + values + "]}";
  }

  private static List<SeriesPoint> points(Reading reading) {
    return reading.requests().stream().flatMap(request -> request.points().stream()).toList();
  }

  @Test
  void namesTellWhatSamplesMean() throws PullException {
    List<SeriesPoint> points =
        points(
            read(
                series(
                    "\"__name__\":\"http_requests_total\",\"code\":\"200\",\"le\":\"1\"",
                    "[1700000000.123,\"7\"]"),
                series(
                    "\"__name__\":\"latency_bucket\",\"le\":\"0.5\",\"app\":\"a\"",
                    "[1700000001,\"8\"]"),
                series("\"__name__\":\"up\"", "[1.7000000025e9,\"1\"]")));

    assertThat(points)
        .extracting(SeriesPoint::name)
        .containsExactly("http_requests_total", "latency", "up");
    assertThat(points)
        .extracting(SeriesPoint::value)
        .containsExactly(
            new PointValue.Count(7), new PointValue.ClassicBucket(0.5, 8), new PointValue.Gauge(1));
    assertThat(points)
        .extracting(SeriesPoint::timeNanos)
        .containsExactly(
            1_700_000_000_123_000_000L, 1_700_000_001_000_000_000L, 1_700_000_002_500_000_000L);
    assertThat(points.get(0).labels()).hasToString("{code=\"200\", le=\"1\"}");
    assertThat(points.get(1).labels()).hasToString("{app=\"a\"}");
  }

  @Test
  void whatCameTogetherStaysTogetherAndEarlierPointsComeFirst() throws PullException {
    Reading reading =
        read(
            series("\"__name__\":\"a_total\"", "[10,\"1\"],[20,\"3\"]"),
            series("\"__name__\":\"b_total\"", "[10,\"2\"],[20,\"4\"]"));

    assertThat(points(reading))
        .extracting(SeriesPoint::value)
        .containsExactly(
            new PointValue.Count(1),
            new PointValue.Count(2),
            new PointValue.Count(3),
            new PointValue.Count(4));
  }

  @Test
  void requestsAreCutBetweenMoments() throws PullException {
    String values =
        IntStream.range(0, 5_000)
            .mapToObj(i -> "[" + (1_000 + i) + ",\"" + i + "\"]")
            .collect(Collectors.joining(","));

    List<SeriesRequest> requests =
        read(
                series("\"__name__\":\"a_total\"", values),
                series("\"__name__\":\"b_total\"", values),
                series("\"__name__\":\"c_total\"", values))
            .requests();

    assertThat(requests).extracting(r -> r.points().size()).containsExactly(8_001, 6_999);
  }

  @Test
  void whatMakesNoSenseIsRefusedByItself() throws PullException {
    Reading reading =
        read(
            series(
                "\"__name__\":\"a_total\"",
                "[10,\"NaN\"],[11,\"+Inf\"],[12,\"-1\"],[0,\"1\"],[1e300,\"1\"],[13,\"5\"]"),
            series("\"__name__\":\"b_bucket\"", "[10,\"1\"]"),
            series("\"__name__\":\"go_goroutines\"", "[10,\"1\"],[11,\"2\"]"));

    assertThat(points(reading))
        .extracting(SeriesPoint::value)
        .containsExactly(new PointValue.Count(5));
    SeriesRequest others = reading.requests().getLast();
    assertThat(others.rejections())
        .extracting(PointRejection::reason, PointRejection::points)
        .containsExactlyInAnyOrder(
            tuple(Refusal.NOT_FINITE, 2L),
            tuple(Refusal.NEGATIVE, 1L),
            tuple(Refusal.MALFORMED, 1L),
            tuple(Refusal.IN_FUTURE, 1L),
            tuple(Refusal.BAD_HISTOGRAM, 1L));
    assertThat(others.unwanted()).isEqualTo(2);
  }

  @Test
  void nativeHistogramsAreUnwanted() throws PullException {
    Reading reading =
        read(
            "{\"metric\":{\"__name__\":\"a\"},\"histograms\":[[10,{\"count\":\"3\",\"sum\":\"1\","
                + "\"buckets\":[[0,\"0.1\",\"0.2\",\"3\"]]}]]}");

    assertThat(points(reading)).isEmpty();
    assertThat(reading.requests().getFirst().unwanted()).isEqualTo(1);
  }

  @Test
  void warningsAreKept() throws PullException {
    Reading reading =
        AnswerReader.matrix(
            bytes(
                "{\"warnings\":[\"one store is away\"],\"status\":\"success\",\"infos\":[\"x\"],"
                    + "\"data\":{\"result\":[],\"resultType\":\"matrix\"}}"),
            INTAKE::wants,
            3);

    assertThat(reading.warnings()).containsExactly("one store is away");
  }

  @Test
  void moreSeriesThanAllowedAreNotTakenInPart() {
    String one = series("\"__name__\":\"a_total\"", "[10,\"1\"]");

    assertThatThrownBy(() -> read(one, one, one, one))
        .isInstanceOfSatisfying(
            PullException.class, e -> assertThat(e.outcome()).isEqualTo(PullOutcome.LIMIT))
        .hasMessage("an answer of more series (expected: at most 3)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "[]",
        "{}",
        "{\"status\":\"error\",\"error\":\"no\"}",
        "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}",
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\"}}",
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}} more",
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{",
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[7]}}",
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"values\":[]}]}}",
      })
  void whatIsNoAnswerIsMalformed(String body) {
    assertMalformed(body);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[10]",
        "[10,1]",
        "[\"10\",\"1\"]",
        "[10,\"1d\"]",
        "[10,\"\"]",
        "[10,\"1\",2]",
        "7"
      })
  void whatIsNoSampleIsMalformed(String value) {
    assertMalformed(FakePrometheus.matrix(series("\"__name__\":\"a_total\"", value)).body());
  }

  private static void assertMalformed(String body) {
    assertThatThrownBy(() -> AnswerReader.matrix(bytes(body), INTAKE::wants, 3))
        .isInstanceOfSatisfying(
            PullException.class, e -> assertThat(e.outcome()).isEqualTo(PullOutcome.MALFORMED));
  }
}
