package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.analysis.cases.CasePolicy;
import io.canaryjudge.analysis.cases.RecordedCase;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.client.ProducerEnd;
import io.canaryjudge.client.RecordedSample;
import io.canaryjudge.client.RecordedSampleSender;
import io.canaryjudge.client.SeriesSpec;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Arm;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.ExplicitHistogram;
import io.canaryjudge.proto.v1.ListVerdictsRequest;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Reason;
import io.canaryjudge.proto.v1.ReplayAnalysisRunRequest;
import io.canaryjudge.proto.v1.Retrospective;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.server.policy.PolicyWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The recorded cases, each played as a retrospective run through a running server: sent by the
 * client, judged under one policy file, read back. {@code CasesTest} plays them without one.
 */
class RecordedCasesTest {

  private static final double LEVEL = 0.01;
  private static final long NO_DEADLINE = 0; // records end by themselves
  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();
  private static final long START = 1_700_000_000_000L - 1_700_000_000_000L % DAY_MILLIS;

  private static TestServer server;
  private static JudgeClient judge;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    Path policies = Files.createDirectory(directory.resolve("policies"));
    Policy policy = CasePolicy.of(LEVEL, LEVEL, 5_000, NO_DEADLINE, DAY_MILLIS);
    Files.writeString(policies.resolve("cases.yaml"), PolicyWriter.toYaml(policy));
    server = TestServer.start(directory, Map.of("policies.directory", policies.toString()));
    judge = new JudgeClient(server.channel());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01_aa_boutique_50",
        "03_aa_shared_incident",
        "15_aa_trainticket_lowtraffic",
        "24_aa_longrun_24h"
      })
  void honestArmsAreNeverRefused(String name) throws Exception {
    Played played = play(name);

    assertThat(played.history())
        .extracting(Verdict::getDecision)
        .doesNotContain(Decision.DECISION_NO_GO);
    assertThat(played.seconds()).isGreaterThan(RecordedCase.read(name).rows().getLast().second());
  }

  /** The delays are those of an independent implementation; one window more is allowed. */
  @ParameterizedTest
  @CsvSource({
    "06_ab_errors_4pct, error_rate, 300, 85",
    "10_ab_canary10pct_catalog_slow, latency, 240, 115",
  })
  void harmIsFoundForTheRightReasonAndSoon(
      String name, String metric, int onsetSeconds, int mostSeconds) throws Exception {
    Played played = play(name);

    assertThat(played.last().getDecision()).isEqualTo(Decision.DECISION_NO_GO);
    assertThat(played.last().getReason()).isEqualTo(Reason.REASON_BEYOND_TOLERANCE);
    assertThat(played.last().getMetricsList())
        .filteredOn(each -> each.getDecision() == Decision.DECISION_NO_GO)
        .extracting(MetricVerdict::getMetric)
        .containsExactly(metric);
    assertThat(played.seconds() - onsetSeconds).isBetween(0L, mostSeconds + 5L);
    assertThat(played.neverGo()).isTrue();
  }

  @Test
  void aSilentCanaryEndsTheRunWithinAMinute() throws Exception {
    Played played = play("13_canary_vanishes");

    assertThat(played.last().getDecision()).isEqualTo(Decision.DECISION_NO_GO);
    assertThat(played.last().getReason()).isEqualTo(Reason.REASON_NO_DATA);
    assertThat(played.seconds() - 300).isBetween(1L, 60L);
    assertThat(played.neverGo()).isTrue();
  }

  @Test
  void aRegressionInTheTailOfCoarseHistogramsIsNotPromoted() throws Exception {
    assertThat(play("20_ab_petshop_search_delay").neverGo()).isTrue();
  }

  /**
   * What a case led to.
   *
   * @param history the verdicts on record, newest first
   */
  private record Played(List<Verdict> history) {

    Verdict last() {
      return history.getFirst();
    }

    boolean neverGo() {
      return history.stream().noneMatch(each -> each.getDecision() == Decision.DECISION_GO);
    }

    /** From the start of the records to the end of the last window that was judged. */
    long seconds() {
      return (Timestamps.toMillis(last().getSealedThroughTime()) - START) / 1_000;
    }
  }

  /** Plays a case to the end of the run or of the recording. */
  private static Played play(String name) throws Exception {
    RecordedCase recorded = RecordedCase.read(name);
    String run =
        judge
            .createRun(
                AnalysisRun.newBuilder()
                    .setService(name)
                    .setBaselineVersion("1")
                    .setCanaryVersion("2")
                    .setPolicy("policies/cases")
                    .setRetrospective(
                        Retrospective.newBuilder().setStartTime(Timestamps.fromMillis(START)))
                    .build(),
                UUID.randomUUID())
            .getName();
    RecordedSampleSender.Sent sent =
        new RecordedSampleSender(server.channel(), run)
            .send(recorded.rows().stream().flatMap(RecordedCasesTest::samples).iterator());
    assertThat(sent.end()).isNotInstanceOf(ProducerEnd.Refused.class);
    assertThat(sent.stats().rejectedSamples()).isEmpty();
    await()
        .pollInterval(10, TimeUnit.MILLISECONDS)
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> !judge.verdict(run).getOpen());
    var replay =
        server
            .judge()
            .withDeadlineAfter(2, TimeUnit.MINUTES)
            .replayAnalysisRun(ReplayAnalysisRunRequest.newBuilder().setName(run).build());
    assertThat(replay.getDifferentVerdictCount()).isZero();
    List<Verdict> history =
        server
            .judge()
            .listVerdicts(ListVerdictsRequest.newBuilder().setParent(run).setPageSize(1000).build())
            .getVerdictsList();
    assertThat(history.getFirst()).isEqualTo(judge.verdict(run));
    return new Played(history);
  }

  private static Stream<RecordedSample> samples(RecordedCase.Row row) {
    Arm arm =
        switch (row.arm()) {
          case BASELINE -> Arm.ARM_BASELINE;
          case CANARY -> Arm.ARM_CANARY;
        };
    long time = START + row.second() * 1_000;
    SeriesSpec latency = SeriesSpec.of(arm, row.instance(), "latency");
    return Stream.of(
        new RecordedSample.Proportion(
            SeriesSpec.of(arm, row.instance(), "error_rate"), time, row.requests(), row.errors()),
        switch (row.latency()) {
          case RecordedCase.Latency.Values(List<Double> seconds) ->
              new RecordedSample.Values(latency, time, seconds);
          case RecordedCase.Latency.Buckets(List<Double> bounds, List<Long> counts) ->
              new RecordedSample.Explicit(
                  latency,
                  time,
                  ExplicitHistogram.newBuilder()
                      .addAllUpperBounds(bounds)
                      .addAllBucketCounts(counts)
                      .build());
        });
  }
}
