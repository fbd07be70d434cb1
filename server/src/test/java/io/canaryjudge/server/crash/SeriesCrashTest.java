package io.canaryjudge.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Timestamps;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.GetVerdictRequest;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Retrospective;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.server.store.DatabaseConfig;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the whole server at random moments under senders of OpenTelemetry and remote write, which
 * know nothing of sequences and send again what was not answered: in the end the verdicts hold
 * exactly what was sent. {@code -Dcrash.series-kills} sets how often, {@code -Dcrash.seed} when.
 */
class SeriesCrashTest {

  private static final int KILLS = Integer.getInteger("crash.series-kills", 5);
  private static final long SEED = Long.getLong("crash.seed", 1);
  private static final int MOST_ANSWERS = 150;
  private static final int MOST_MILLIS = 15; // longer than a commit takes
  private static final int LAST_REQUESTS = 20;
  private static final long START = 1_767_225_600_000L; // of the recorded runs
  private static final long STEP_MILLIS = 50;
  private static final Pattern POINTS =
      Pattern.compile("canary_judge_points_(\\w+?)(?:_total)?\\{door=\"(\\w+)\".*} (\\S+)");

  @TempDir Path directory;

  private final Random random = new Random(SEED);
  private final List<Fed> runs = new ArrayList<>();

  private record Fed(String service, String run, boolean recorded, SeriesSender sender) {}

  @Test
  void whatWasSentCountsOnce() throws Exception {
    Path policies = Files.createDirectories(directory.resolve("policies"));
    // Late enough for what is sent again after the longest absence of the server.
    Files.writeString(
        policies.resolve("never.yaml"), JudgedRun.POLICY.replace("lateness: 8s", "lateness: 20s"));
    DatabaseConfig database = DatabaseConfig.file(directory.resolve("judge.db"));
    long start = System.nanoTime();
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (int kill = 0; kill < KILLS; kill++) {
        try (ServerVictim victim = ServerVictim.start(database, directory)) {
          if (kill == 0) {
            open(victim, http);
          }
          sendUntilKilled(victim);
        }
      }
      try (ServerVictim last = ServerVictim.start(database, directory)) {
        finish(last);
        for (Fed fed : runs) {
          check(last, fed);
        }
        checkPoints(last.metrics());
        assertThat(last.complaints()).doesNotContain("level=ERROR");
        assertThat(last.stop()).isZero();
      }
    }
    System.out.printf(
        "series: %d kills, %,d requests answered, %d answered twice, %,d counted, in %d s%n",
        KILLS,
        answers(),
        runs.stream().mapToLong(fed -> fed.sender().repeats()).sum(),
        runs.stream()
            .mapToLong(fed -> fed.sender().requests("1") + fed.sender().requests("2"))
            .sum(),
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
    assertThat(runs).allMatch(fed -> fed.sender().repeats() > 0);
  }

  private void open(ServerVictim server, HttpClient http) {
    SeriesSender.Times recorded = before -> before + STEP_MILLIS;
    runs.add(
        new Fed(
            "cumulative",
            create(server, "cumulative", true),
            true,
            sender(new SeriesProtocols.Otlp("cumulative", true, START), recorded, START)));
    runs.add(
        new Fed(
            "delta",
            create(server, "delta", true),
            true,
            sender(new SeriesProtocols.Otlp("delta", false, START), recorded, START)));
    String live = create(server, "scraped", false);
    long now = System.currentTimeMillis();
    runs.add(
        new Fed(
            "scraped",
            live,
            false,
            sender(
                new SeriesProtocols.RemoteWrite("scraped", now, http),
                before -> Math.max(before + 1, System.currentTimeMillis()),
                now)));
  }

  private SeriesSender sender(
      SeriesSender.Protocol protocol, SeriesSender.Times times, long beginMillis) {
    return new SeriesSender(protocol, times, beginMillis, new Random(random.nextLong()));
  }

  private static String create(ServerVictim server, String service, boolean recorded) {
    AnalysisRun.Builder run =
        AnalysisRun.newBuilder()
            .setService(service)
            .setBaselineVersion("1")
            .setCanaryVersion("2")
            .setPolicy("policies/never");
    if (recorded) {
      run.setRetrospective(
          Retrospective.newBuilder()
              .setStartTime(Timestamps.fromMillis(START))
              .setProducerCount(1));
    }
    return server
        .judge()
        .createAnalysisRun(
            CreateAnalysisRunRequest.newBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .setAnalysisRun(run)
                .build())
        .getAnalysisRun()
        .getName();
  }

  private long answers() {
    return runs.stream().mapToLong(fed -> fed.sender().answers()).sum();
  }

  private void sendUntilKilled(ServerVictim victim) throws Exception {
    long until = answers() + 1 + random.nextInt(MOST_ANSWERS);
    send(
        victim,
        Long.MAX_VALUE,
        () -> {
          Awaitility.await()
              .pollInterval(Duration.ofMillis(1))
              .atMost(Duration.ofMinutes(1))
              .until(() -> answers() >= until);
          victim.killAfter(random.nextInt(MOST_MILLIS));
        });
  }

  private void finish(ServerVictim server) throws Exception {
    send(server, LAST_REQUESTS, () -> {});
  }

  private void send(ServerVictim server, long more, Producing.End end) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (Fed fed : runs) {
        long until = more == Long.MAX_VALUE ? more : fed.sender().answers() + more;
        running.add(
            threads.submit(
                () -> {
                  fed.sender().send(server, until);
                  return null;
                }));
      }
      try {
        end.come();
        for (Future<?> each : running) {
          each.get(2, TimeUnit.MINUTES);
        }
      } catch (Exception | AssertionError e) {
        server.close(); // or they would go on for ever
        throw e;
      }
    }
  }

  /** What was sent by the end of the last window that is sealed is what the verdict holds. */
  private static void check(ServerVictim server, Fed fed) throws InterruptedException {
    SeriesSender sender = fed.sender();
    Counted sent = Counted.of(sender);
    long newest = sender.timeMillis();
    if (fed.recorded()) {
      sender.moveOn(server);
    }
    Verdict verdict =
        Awaitility.await()
            .pollInterval(Duration.ofMillis(50))
            .atMost(Duration.ofMinutes(1))
            .until(
                () ->
                    server
                        .judge()
                        .getVerdict(
                            GetVerdictRequest.newBuilder().setAnalysisRun(fed.run()).build())
                        .getVerdict(),
                each -> Timestamps.toMillis(each.getSealedThroughTime()) >= newest);
    MetricVerdict errors = verdict.getMetrics(0);
    MetricVerdict latency = verdict.getMetrics(1);
    assertThat(
            new Counted(
                errors.getBaselineSampleCount(),
                errors.getCanarySampleCount(),
                Math.round(
                    errors.getThresholds(1).getBaselineEstimate()
                        * errors.getBaselineSampleCount()),
                Math.round(
                    errors.getThresholds(1).getCanaryEstimate() * errors.getCanarySampleCount())))
        .as(fed.service())
        .isEqualTo(sent);
    assertThat(latency.getBaselineSampleCount()).isEqualTo(sent.baseline());
    assertThat(latency.getCanarySampleCount()).isEqualTo(sent.canary());
  }

  private record Counted(long baseline, long canary, long baselineFailures, long canaryFailures) {

    static Counted of(SeriesSender sender) {
      return new Counted(
          sender.requests("1"), sender.requests("2"), sender.failures("1"), sender.failures("2"));
    }
  }

  /** received = taken + repeated + shadowed + unmatched + refused, and none was refused. */
  private static void checkPoints(String metrics) {
    Map<String, Long> points = new TreeMap<>();
    for (String line : metrics.lines().toList()) {
      Matcher matcher = POINTS.matcher(line);
      if (matcher.matches()) {
        points.merge(
            matcher.group(2) + " " + matcher.group(1),
            (long) Double.parseDouble(matcher.group(3)),
            Long::sum);
      }
    }
    for (String door : List.of("otlp", "remote_write")) {
      assertThat(points)
          .containsEntry(door + " refused", 0L)
          .containsEntry(door + " unmatched", 0L)
          .containsEntry(door + " shadowed", 0L)
          .containsEntry(door + " unaccounted", 0L);
      assertThat(points.get(door + " received"))
          .isPositive()
          .isEqualTo(points.get(door + " taken") + points.get(door + " repeated"));
    }
  }
}
