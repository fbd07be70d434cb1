package io.canaryjudge.server.ingest.otlp;

import static io.canaryjudge.server.ingest.otlp.Exports.CUMULATIVE;
import static io.canaryjudge.server.ingest.otlp.Exports.DELTA;
import static io.canaryjudge.server.ingest.otlp.Exports.counter;
import static io.canaryjudge.server.ingest.otlp.Exports.number;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.rpc.Status;
import com.sun.management.ThreadMXBean;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.series.Labels;
import io.canaryjudge.server.ingest.series.PointValue;
import io.canaryjudge.server.ingest.series.SeriesAnswer;
import io.canaryjudge.server.ingest.series.SeriesPoint;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import io.canaryjudge.server.ingest.series.Temporality;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code POST /v1/metrics} of a real HTTP door, called by the client of the JDK. */
class OtlpHttpTest {

  private static final String PROTOBUF = "application/x-protobuf";
  private static final String JSON = "application/json";
  private static final int MOST = 256 << 10;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static OtlpDoors doors;

  @BeforeAll
  static void open() throws Exception {
    doors = OtlpDoors.open(Map.of("http.max-metrics-size", "256KiB", "http.max-body-size", "1KiB"));
  }

  @AfterAll
  static void close() {
    doors.close();
  }

  @AfterEach
  void clear() {
    doors.intake.clear();
  }

  @Test
  void protobufIsAnsweredInProtobuf() throws Exception {
    HttpResponse<byte[]> response = doors.post(PROTOBUF, good(1));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).contains(PROTOBUF);
    assertThat(ExportMetricsServiceResponse.parseFrom(response.body()))
        .isEqualTo(ExportMetricsServiceResponse.getDefaultInstance());
    assertThat(doors.intake.nextPoints()).hasSize(1);
    assertThat(doors.post(PROTOBUF, new byte[0]).statusCode()).isEqualTo(200);
  }

  /** As OpenTelemetry maps it, with what senders write in several ways. */
  @Test
  void jsonIsAnsweredInJson() throws Exception {
    String body =
        """
        {"resourceMetrics": [{
          "resource": {"attributes": [
            {"key": "service.name", "value": {"stringValue": "checkout"}},
            {"key": "process.pid", "value": {"intValue": "4711"}}]},
          "scopeMetrics": [{
            "scope": {"name": "web", "futureField": [1, {"a": null}]},
            "metrics": [
              {"name": "requests", "unit": "{request}", "sum": {
                "aggregationTemporality": 2, "isMonotonic": true, "dataPoints": [{
                  "asInt": "12", "startTimeUnixNano": "1700000000000000000",
                  "timeUnixNano": 1700000010000000000,
                  "attributes": [{"key": "code", "value": {"intValue": 500}}],
                  "exemplars": [{"asInt": 1, "traceId": "5b8efff798038103d269b633813fc60c",
                    "spanId": "eee19b7ec3c1b174"}]}]}},
              {"name": "duration", "histogram": {
                "aggregationTemporality": "AGGREGATION_TEMPORALITY_DELTA", "dataPoints": [{
                  "timeUnixNano": "1700000010000000000", "count": "3", "sum": 0.5,
                  "bucketCounts": ["1", 2], "explicitBounds": [0.25]}]}},
              {"name": "temperature", "gauge": {"dataPoints": [
                {"timeUnixNano": "1700000010000000000", "asDouble": 0.5},
                {"timeUnixNano": "1700000010000000000", "asDouble": "NaN"}]}}]}]}]}
        """;

    HttpResponse<byte[]> response =
        doors.post(JSON + "; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));

    assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).contains(JSON);
    JsonNode answer = MAPPER.readTree(response.body());
    assertThat(answer.at("/partialSuccess/rejectedDataPoints").asText()).isEqualTo("1");
    assertThat(answer.at("/partialSuccess/errorMessage").asText())
        .isEqualTo(
            "1 not_finite, first temperature: as_double: NaN (expected: finite, at least 0)");
    List<SeriesPoint> points = doors.intake.nextPoints();
    assertThat(points).hasSize(3);
    assertThat(points.get(0))
        .isEqualTo(
            new SeriesPoint(
                "requests",
                "{request}",
                Labels.of(
                    Map.of(
                        "service_name", "checkout",
                        "process_pid", "4711",
                        "otel_scope_name", "web",
                        "code", "500")),
                Temporality.CUMULATIVE,
                1_700_000_000_000_000_000L,
                1_700_000_010_000_000_000L,
                new PointValue.Count(12)));
    assertThat(points.get(1).temporality()).isEqualTo(Temporality.DELTA);
    assertThat(((PointValue.Buckets) points.get(1).value()).counts()).containsExactly(1, 2);
    assertThat(points.get(2).value()).isEqualTo(new PointValue.Gauge(0.5));
  }

  @Test
  void aFullSuccessAsJsonIsAnEmptyObject() throws Exception {
    assertThat(text(doors.post(JSON, "{}".getBytes(StandardCharsets.UTF_8)))).isEqualTo("{}");
  }

  @Test
  void refusedPointsAreCountedByReasonWithAnExample() throws Exception {
    byte[] body =
        Exports.of(
                counter(
                    CUMULATIVE,
                    number().setAsInt(-1),
                    number().setAsInt(3),
                    number().setAsInt(-2),
                    number().setTimeUnixNano(0).setAsInt(1)))
            .toByteArray();

    ExportMetricsServiceResponse answer =
        ExportMetricsServiceResponse.parseFrom(doors.post(PROTOBUF, body).body());

    assertThat(answer.getPartialSuccess().getRejectedDataPoints()).isEqualTo(3);
    assertThat(answer.getPartialSuccess().getErrorMessage())
        .isEqualTo(
            "2 negative, first requests: as_int: -1 (expected: at least 0); 1 malformed, first"
                + " requests: time_unix_nano: 0 (expected: nanoseconds since 1970)");
    assertThat(doors.intake.nextPoints()).hasSize(1);
  }

  @Test
  void malformedBodiesAreRefusedInTheirOwnForm() throws Exception {
    HttpResponse<byte[]> protobuf = doors.post(PROTOBUF, new byte[] {10, 100, 1});
    assertThat(protobuf.statusCode()).isEqualTo(400);
    assertThat(protobuf.headers().firstValue("Content-Type")).contains(PROTOBUF);
    assertThat(Status.parseFrom(protobuf.body()).getMessage())
        .contains("body: ", "ExportMetricsServiceRequest in protobuf");

    for (String body :
        List.of(
            "",
            "null",
            "[]",
            "{",
            "{\"resourceMetrics\": 1}",
            "{\"resourceMetrics\": [{\"scopeMetrics\": [{\"metrics\": [{\"sum\": []}]}]}]}",
            "[".repeat(100_000),
            "{\"a\":".repeat(40_000))) {
      HttpResponse<byte[]> json = doors.post(JSON, body.getBytes(StandardCharsets.UTF_8));
      assertThat(json.statusCode())
          .as(body.substring(0, Math.min(50, body.length())))
          .isEqualTo(400);
      assertThat(json.headers().firstValue("Content-Type")).contains(JSON);
      assertThat(MAPPER.readTree(json.body()).at("/code").asInt()).isEqualTo(3);
      assertThat(MAPPER.readTree(json.body()).at("/message").asText()).startsWith("body: ");
    }
    assertThat(doors.intake.isEmpty()).isTrue();
  }

  @Test
  void otherTypesAndEncodingsAreRefused() throws Exception {
    for (String type : List.of("", "text/plain", "application/grpc", "application/protobuf")) {
      HttpResponse<byte[]> response = doors.post(type, good(1));
      assertThat(response.statusCode()).as(type).isEqualTo(415);
      assertThat(MAPPER.readTree(response.body()).at("/message").asText())
          .contains("expected: application/x-protobuf or application/json");
    }
    HttpResponse<byte[]> zstd = doors.post(PROTOBUF, good(1), "Content-Encoding", "zstd");
    assertThat(zstd.statusCode()).isEqualTo(415);
    assertThat(zstd.headers().firstValue("Accept-Encoding")).contains("gzip, identity");
    assertThat(Status.parseFrom(zstd.body()).getMessage())
        .isEqualTo("Content-Encoding: zstd (expected: gzip or identity)");
  }

  @Test
  void gzipIsUnpacked() throws Exception {
    byte[] packed = gzip(good(100));

    assertThat(doors.post(PROTOBUF, packed, "Content-Encoding", "gzip").statusCode())
        .isEqualTo(200);
    assertThat(doors.intake.nextPoints()).hasSize(100);
    assertThat(
            doors
                .post(JSON, gzip("{}".getBytes(StandardCharsets.UTF_8)), "Content-Encoding", "gzip")
                .statusCode())
        .isEqualTo(200);
    HttpResponse<byte[]> cut =
        doors.post(PROTOBUF, Arrays.copyOf(packed, 40), "Content-Encoding", "gzip");
    assertThat(cut.statusCode()).isEqualTo(400);
    assertThat(doors.post(PROTOBUF, good(1), "Content-Encoding", "gzip").statusCode())
        .isEqualTo(400);
  }

  @Test
  void aLargeBodyIsRefusedWhetherItsSizeIsDeclaredOrNot() throws Exception {
    byte[] large = new byte[MOST + 1];

    HttpResponse<byte[]> declared = doors.post(PROTOBUF, large);
    assertThat(declared.statusCode()).isEqualTo(413);
    HttpResponse<byte[]> packed = doors.post(JSON, gzip(large), "Content-Encoding", "gzip");
    assertThat(packed.statusCode()).isEqualTo(413);
    assertThat(MAPPER.readTree(packed.body()).at("/message").asText())
        .isEqualTo("body, unpacked: more than 262144 bytes (http.max-metrics-size)");
    assertThat(MAPPER.readTree(packed.body()).at("/code").asInt()).isEqualTo(8);
  }

  /** Over 160 MiB of zeros in less than the limit: if it were unpacked, this would show. */
  @Test
  void aBombIsCutOffAtTheLimit() throws Exception {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    byte[] member = gzip(new byte[8 << 20]);
    while (bomb.size() + member.length < MOST) {
      bomb.writeBytes(member);
    }
    assertThat(bomb.size() / member.length).isGreaterThan(20);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    doors.post(PROTOBUF, bomb.toByteArray(), "Content-Encoding", "gzip"); // loads classes

    long before = threads.getTotalThreadAllocatedBytes();
    HttpResponse<byte[]> response =
        doors.post(PROTOBUF, bomb.toByteArray(), "Content-Encoding", "gzip");
    long allocated = threads.getTotalThreadAllocatedBytes() - before;

    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(allocated).isLessThan(16 << 20);
  }

  @Test
  void whatPassesByItselfIsToBeTriedAgain() throws Exception {
    doors.intake.failNext(
        JudgeException.of(ErrorReason.LIMIT_REACHED, "too much to write").retryAfter(1_500));
    HttpResponse<byte[]> full = doors.post(PROTOBUF, good(1));
    assertThat(full.statusCode()).isEqualTo(429);
    assertThat(full.headers().firstValue("Retry-After")).contains("2");
    assertThat(Status.parseFrom(full.body()).getMessage()).isEqualTo("too much to write");

    doors.intake.failNext(JudgeException.of(ErrorReason.STORE_UNAVAILABLE, "no database"));
    HttpResponse<byte[]> down = doors.post(JSON, "{}".getBytes(StandardCharsets.UTF_8));
    assertThat(down.statusCode()).isEqualTo(503);
    assertThat(down.headers().firstValue("Retry-After")).contains("1");
    assertThat(MAPPER.readTree(down.body()).at("/code").asInt()).isEqualTo(14);
  }

  @Test
  void adviceToTryAgainComesWhenNothingIsDurableInTimeAndWhileTheServerStops() throws Exception {
    try (OtlpDoors impatient = OtlpDoors.open(Map.of(), Duration.ofMillis(1))) {
      impatient.intake.answerNext(new CompletableFuture<>());
      HttpResponse<byte[]> late = impatient.post(PROTOBUF, good(1));
      assertThat(late.statusCode()).isEqualTo(503);
      assertThat(late.headers().firstValue("Retry-After")).contains("1");

      impatient.drain();
      HttpResponse<byte[]> draining = impatient.post(PROTOBUF, good(1));
      assertThat(draining.statusCode()).isEqualTo(503);
      assertThat(draining.headers().firstValue("Retry-After")).contains("1");
      assertThat(Status.parseFrom(draining.body()).getMessage())
          .isEqualTo("the server is stopping");
    }
  }

  @Test
  void theAnswerWaitsUntilThePointsAreDurable() throws Exception {
    var durable = new CompletableFuture<SeriesAnswer>();
    doors.intake.answerNext(durable);
    CompletableFuture<HttpResponse<byte[]>> response =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return doors.post(PROTOBUF, good(1));
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    SeriesRequest request = doors.intake.next();
    assertThat(response).isNotDone();

    durable.complete(RecordingIntake.answer(request));

    assertThat(response.join().statusCode()).isEqualTo(200);
  }

  private static byte[] good(int points) {
    var builders = Collections.nCopies(points, number().setAsInt(1));
    return Exports.of(counter(DELTA, builders.toArray(NumberDataPoint.Builder[]::new)))
        .toByteArray();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }
}
