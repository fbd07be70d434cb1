package io.canaryjudge.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.server.TestServer;
import io.canaryjudge.server.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example in Python, run as docs/clients.md says, against a running server. */
class PythonClientTest {

  private static final Path NOTHING = Path.of("/dev/null");
  private static final Path SCRIPT = Path.of("../docs/examples/python/judge_csv.py");
  private static final Path PROTOS = Path.of("../proto/src/main/proto");
  private static final String NEEDED = "import grpc, google.protobuf";

  private static final long START = 1_700_000_000;
  private static final int SECONDS = 1_800;
  private static final int INTERVAL = 5;
  private static final int REQUESTS = 40; // of one instance in an interval

  @TempDir private static Path directory;

  private static String python;
  private static Path messages;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    python = findPython();
    messages = Files.createDirectory(directory.resolve("messages"));
    List<String> arguments = new ArrayList<>(List.of("-I", PROTOS.toString()));
    arguments.add("--python_out=" + messages);
    try (var files = Files.list(PROTOS.resolve("canary/judge/v1"))) {
      files.map(Path::toString).sorted().forEach(arguments::add);
    }
    Tools.Outcome generated = Tools.run(NOTHING, "protoc", arguments.toArray(String[]::new));
    assertThat(generated.code()).as(generated.output()).isZero();
    server = TestServer.start(Files.createDirectory(directory.resolve("judge")));
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  /** The first Python that has what the script needs: Debian's packages are for Debian's own. */
  private static String findPython() throws IOException, InterruptedException {
    for (String candidate : List.of("python3", "/usr/bin/python3")) {
      try {
        if (Tools.run(NOTHING, Map.of(), List.of(candidate, "-c", NEEDED)).code() == 0) {
          return candidate;
        }
      } catch (IOException _) {
        // there is no such program
      }
    }
    throw new AssertionError(
        "no python3 can '"
            + NEEDED
            + "': install them, for example with the packages python3-grpcio and python3-protobuf");
  }

  @Test
  void aGoodReleaseIsPromoted() throws Exception {
    Tools.Outcome outcome = judge("1.5.0", 0.01);

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(verdict(outcome).getDecision()).isEqualTo(Decision.DECISION_GO);
  }

  @Test
  void aBadReleaseIsRolledBack() throws Exception {
    Tools.Outcome outcome = judge("1.5.1", 0.1);

    assertThat(outcome.code()).as(outcome.output()).isEqualTo(1);
    assertThat(verdict(outcome).getDecision()).isEqualTo(Decision.DECISION_NO_GO);
  }

  /** A pipeline must not take an error for a NO_GO, whose exit code is Python's own for errors. */
  @Test
  void whatTheJudgeRefusesIsNoVerdict() throws Exception {
    Tools.Outcome outcome = judge("1.4.2", 0); // the version of the baseline

    assertThat(outcome.output()).contains("INVALID_ARGUMENT").contains("1.4.2");
    assertThat(outcome.code()).isEqualTo(2);
  }

  /** Runs the script over records of half an hour. */
  private static Tools.Outcome judge(String canaryVersion, double canaryErrors)
      throws IOException, InterruptedException {
    Path records = directory.resolve(canaryVersion + ".csv");
    Files.write(records, records(canaryErrors));
    return Tools.run(
        NOTHING,
        Map.of("PYTHONPATH", messages.toString(), "PYTHONDONTWRITEBYTECODE", "1"),
        List.of(
            python,
            SCRIPT.toString(),
            "--judge",
            server.server().grpcAddress(),
            "--service",
            "checkout",
            "--baseline",
            "1.4.2",
            "--canary",
            canaryVersion,
            "--policy",
            "standard",
            records.toString()));
  }

  /** The verdict of the run that the script named, after what it printed was compared with it. */
  private static Verdict verdict(Tools.Outcome outcome) throws InterruptedException {
    List<String> lines = outcome.output().lines().toList();
    assertThat(lines.getFirst()).startsWith("analysisRuns/");
    Verdict verdict = new JudgeClient(server.channel()).verdict(lines.getFirst());
    assertThat(lines.get(1)).isEqualTo(verdict.getDecision() + " " + verdict.getReason());
    assertThat(lines).hasSize(3 + verdict.getMetricsCount());
    assertThat(verdict.getMetricsList())
        .allSatisfy(metric -> assertThat(metric.getCanarySampleCount()).isGreaterThan(500));
    return verdict;
  }

  private static List<String> records(double canaryErrors) {
    Random random = new Random(41);
    List<String> lines = new ArrayList<>(List.of("time,arm,instance,requests,errors,latencies"));
    for (int second = 0; second < SECONDS; second += INTERVAL) {
      for (int i = 0; i < 6; i++) {
        boolean canary = i % 2 == 0;
        int errors = 0;
        List<String> latencies = new ArrayList<>();
        for (int request = 0; request < REQUESTS; request++) {
          errors += random.nextDouble() < (canary ? canaryErrors : 0.01) / 4 ? 1 : 0;
          latencies.add(
              String.format(Locale.ROOT, "%.4f", 0.1 * Math.exp(0.5 * random.nextGaussian())));
        }
        lines.add(
            "%d,%s,pod-%d,%d,%d,%s"
                .formatted(
                    START + second,
                    canary ? "canary" : "baseline",
                    i,
                    REQUESTS,
                    errors,
                    String.join(";", latencies)));
      }
    }
    return lines;
  }
}
