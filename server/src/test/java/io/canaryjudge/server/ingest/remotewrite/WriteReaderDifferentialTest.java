package io.canaryjudge.server.ingest.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.canaryjudge.remotewrite.v1.Histogram;
import io.canaryjudge.remotewrite.v1.Label;
import io.canaryjudge.remotewrite.v1.TimeSeries;
import io.canaryjudge.remotewrite.v1.WriteRequest;
import io.canaryjudge.remotewrite.v2.Request;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.ingest.series.Memo;
import io.canaryjudge.server.ingest.series.SeriesRequest;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Reads random and damaged requests twice: as they are, and after generated code has read them and
 * written them again. What the two make of a body has to be the same.
 */
class WriteReaderDifferentialTest {

  private static final int ROUNDS = 4_000;
  private static final List<String> NAMES =
      List.of("a_total", "b_bucket", "b_count", "c", "d_bucket", "unwanted_total", "ü", "");
  private static final List<String> KEYS = List.of("__name__", "a", "le", "version", "é", "");
  private static final List<String> VALUES = List.of("0.5", "+Inf", "x", "1.5.0", "-1", "");

  private final SplittableRandom random = new SplittableRandom(42);
  private final Memo<SeriesHead> memo = new Memo<>();

  /**
   * What was made of a body, in words; null if it is malformed. What is kept of the bodies before
   * must make no difference.
   */
  private String made(WriteMessage message, byte[] body) {
    String made = made(message, body, memo);
    assertThat(made).isEqualTo(made(message, body, new Memo<>()));
    return made;
  }

  private static String made(WriteMessage message, byte[] body, Memo<SeriesHead> memo) {
    WritePoints points = new WritePoints();
    RecordingIntake intake = new RecordingIntake(name -> !name.startsWith("unwanted"));
    try {
      WriteReader.read(message, body, new WantedNames(intake), new SeriesHeads(memo), points);
    } catch (JudgeException _) {
      return null;
    }
    return shown(points.samples()) + shown(points.histograms()) + points.exemplars();
  }

  private static String shown(SeriesRequest request) {
    StringBuilder text = new StringBuilder();
    request
        .points()
        .forEach(
            point ->
                text.append(point.name())
                    .append(point.unit())
                    .append(point.labels())
                    .append(point.startNanos())
                    .append('@')
                    .append(point.timeNanos())
                    .append(
                        switch (point.value()) {
                          case io.canaryjudge.server.ingest.series.PointValue.Exponential e ->
                              e.scale() + "/" + e.offset() + Arrays.toString(e.counts());
                          case io.canaryjudge.server.ingest.series.PointValue.Buckets b ->
                              Arrays.toString(b.upperBounds()) + Arrays.toString(b.counts());
                          default -> point.value().toString();
                        })
                    .append('\n'));
    return text.append(request.unwanted()).append(request.rejections()).toString();
  }

  @Test
  void randomRequestsOfVersion1AreReadAsGeneratedCodeReadsThem() throws Exception {
    int points = 0;
    int damagedButReadable = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] body = request1().toByteArray();
      assertThat(made(WriteMessage.V1, body))
          .isNotNull()
          .isEqualTo(made(WriteMessage.V1, WriteRequest.parseFrom(body).toByteArray()));
      points += made(WriteMessage.V1, body).contains("@") ? 1 : 0;
      byte[] damaged = damaged(body);
      try {
        byte[] again = WriteRequest.parseFrom(damaged).toByteArray();
        assertThat(made(WriteMessage.V1, damaged)).isEqualTo(made(WriteMessage.V1, again));
        damagedButReadable++;
      } catch (InvalidProtocolBufferException _) {
        made(WriteMessage.V1, damaged); // throws nothing else
      }
    }
    assertThat(points).isGreaterThan(ROUNDS / 4);
    assertThat(damagedButReadable).isGreaterThan(ROUNDS / 20);
  }

  @Test
  void randomRequestsOfVersion2AreReadAsGeneratedCodeReadsThem() throws Exception {
    int points = 0;
    int damagedButReadable = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] body = request2().toByteArray();
      assertThat(made(WriteMessage.V2, body))
          .isNotNull()
          .isEqualTo(made(WriteMessage.V2, Request.parseFrom(body).toByteArray()));
      points += made(WriteMessage.V2, body).contains("@") ? 1 : 0;
      byte[] damaged = damaged(body);
      try {
        byte[] again = Request.parseFrom(damaged).toByteArray();
        assertThat(made(WriteMessage.V2, damaged)).isEqualTo(made(WriteMessage.V2, again));
        damagedButReadable++;
      } catch (InvalidProtocolBufferException _) {
        made(WriteMessage.V2, damaged); // throws nothing else
      }
    }
    assertThat(points).isGreaterThan(ROUNDS / 4);
    assertThat(damagedButReadable).isGreaterThan(ROUNDS / 20);
  }

  /** A few bytes are changed, cut off, or put in twice. */
  private byte[] damaged(byte[] body) {
    if (body.length == 0) {
      return body;
    }
    byte[] damaged = body.clone();
    switch (random.nextInt(4)) {
      case 0 -> damaged = Arrays.copyOf(body, random.nextInt(body.length));
      case 1 -> {
        int from = random.nextInt(body.length);
        int length = random.nextInt(Math.min(20, body.length - from));
        damaged = new byte[body.length + length];
        System.arraycopy(body, 0, damaged, 0, from + length);
        System.arraycopy(body, from, damaged, from + length, body.length - from);
      }
      default -> {
        for (int i = random.nextInt(3); i >= 0; i--) {
          damaged[random.nextInt(body.length)] = (byte) random.nextInt();
        }
      }
    }
    return damaged;
  }

  private <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private int upTo(int most) {
    return random.nextInt(most + 1);
  }

  private double value() {
    return switch (random.nextInt(8)) {
      case 0 -> Double.NaN;
      case 1 -> Double.longBitsToDouble(PointReader.STALE);
      case 2 -> -random.nextDouble();
      case 3 -> Double.POSITIVE_INFINITY;
      default -> random.nextInt(1_000);
    };
  }

  private long millis() {
    return random.nextInt(10) == 0 ? random.nextLong() : Messages.TIME + random.nextInt(1_000);
  }

  private WriteRequest request1() {
    WriteRequest.Builder request = WriteRequest.newBuilder();
    for (int i = upTo(4); i > 0; i--) {
      TimeSeries.Builder series = request.addTimeseriesBuilder();
      if (random.nextInt(8) > 0) {
        series.addLabels(Label.newBuilder().setName("__name__").setValue(any(NAMES)));
      }
      for (int j = upTo(3); j > 0; j--) {
        series.addLabels(Label.newBuilder().setName(any(KEYS)).setValue(any(VALUES)));
      }
      for (int j = upTo(3); j > 0; j--) {
        series.addSamplesBuilder().setValue(value()).setTimestamp(millis());
      }
      for (int j = upTo(2); j > 0; j--) {
        series.addHistograms(histogram());
      }
      if (random.nextInt(4) == 0) {
        series.addExemplarsBuilder().setValue(1);
      }
    }
    if (random.nextInt(4) == 0) {
      request.addMetadataBuilder().setMetricFamilyName(any(NAMES)).setType(1);
    }
    return request.build();
  }

  private Request request2() throws InvalidProtocolBufferException {
    Request.Builder request = Request.newBuilder().addSymbols("");
    request.addAllSymbols(NAMES).addAllSymbols(KEYS).addAllSymbols(VALUES);
    int keys = 1 + NAMES.size();
    int values = keys + KEYS.size();
    for (int i = upTo(4); i > 0; i--) {
      io.canaryjudge.remotewrite.v2.TimeSeries.Builder series = request.addTimeseriesBuilder();
      if (random.nextInt(8) > 0) {
        series.addLabelsRefs(keys).addLabelsRefs(1 + random.nextInt(NAMES.size()));
      }
      for (int key = keys + 1; key < values; key++) {
        if (random.nextInt(4) == 0) {
          series.addLabelsRefs(key).addLabelsRefs(values + upTo(VALUES.size()));
        }
      }
      for (int j = upTo(3); j > 0; j--) {
        series
            .addSamplesBuilder()
            .setValue(value())
            .setTimestamp(millis())
            .setStartTimestamp(random.nextInt(3) == 0 ? millis() : 0);
      }
      for (int j = upTo(2); j > 0; j--) {
        // The same but for the start, so the bytes of one version are those of the other.
        series.addHistograms(
            io.canaryjudge.remotewrite.v2.Histogram.parseFrom(histogram().toByteArray()).toBuilder()
                .setStartTimestamp(millis()));
      }
      series.getMetadataBuilder().setType(upTo(8)).setUnitRef(upTo(30));
      series.setCreatedTimestamp(random.nextInt(3) == 0 ? millis() : 0);
    }
    return request.build();
  }

  private Histogram histogram() {
    Histogram.Builder histogram =
        Histogram.newBuilder()
            .setSum(value())
            .setSchema(random.nextInt(5) == 0 ? -53 : random.nextInt(14) - 5)
            .setTimestamp(millis())
            .setResetHint(random.nextInt(10) == 0 ? 3 : 0);
    int buckets = upTo(4);
    long count = 0;
    long before = 0;
    for (int i = 0; i < buckets; i++) {
      long next = random.nextInt(20) == 0 ? random.nextLong() : random.nextInt(10);
      histogram.addPositiveDeltas(next - before).addPositiveCounts(next / 2.0);
      count += next;
      before = next;
    }
    int first = upTo(buckets);
    histogram.addPositiveSpansBuilder().setOffset(random.nextInt(6) - 2).setLength(first);
    histogram.addPositiveSpansBuilder().setOffset(random.nextInt(5)).setLength(buckets - first);
    if (random.nextInt(6) == 0) {
      histogram.addNegativeDeltas(1).addNegativeCounts(1);
    }
    for (int i = upTo(8); i > 0; i--) {
      histogram.addCustomValues(9 - i);
    }
    if (random.nextBoolean()) {
      histogram.setZeroCountInt(upTo(1));
      histogram.setCountInt(count + histogram.getZeroCountInt());
    } else {
      histogram.setZeroCountFloat(upTo(1)).setCountFloat((double) count);
    }
    return histogram.build();
  }
}
