package io.canaryjudge.client.example;

import io.canaryjudge.client.JudgeCallException;
import io.canaryjudge.client.JudgeChannel;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.client.VerdictPrinter;
import io.canaryjudge.client.WaitOutcome;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Verdict;
import io.grpc.ManagedChannel;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What a deploy pipeline runs after it has started the canary: opens a run, waits for the verdict,
 * and says with its exit code what to do.
 *
 * <p>Exit codes: 0 GO, 1 NO_GO, 2 INCONCLUSIVE or cancelled, 3 no decision in time, 4 refused by
 * the judge, 5 judge out of reach, 64 wrong arguments. Only 0 means promote.
 */
public final class DeployGate {

  private static final String USAGE =
      """
      usage: DeployGate --service NAME --baseline VERSION --canary VERSION [options]
        --server HOST:PORT   the judge's gRPC port (default localhost:9090)
        --policy NAME        (default standard)
        --timeout DURATION   such as 90s, 20m, 1h (default 1h)
        --request-id UUID    the same for each try of one deployment (default: a new one)
        --run NAME           wait for this run instead of opening one
        --tls                encrypt; the bearer token is read from JUDGE_TOKEN if set\
      """;

  private static final Set<String> OPTIONS =
      Set.of(
          "--service",
          "--baseline",
          "--canary",
          "--server",
          "--policy",
          "--timeout",
          "--request-id",
          "--run");

  private DeployGate() {}

  /**
   * Runs the gate and ends the process.
   *
   * @param args see {@code USAGE}
   */
  public static void main(String[] args) throws InterruptedException {
    Map<String, String> options = new HashMap<>();
    try {
      for (int i = 0; i < args.length; i++) {
        if (args[i].equals("--tls")) {
          options.put("--tls", "");
        } else if (OPTIONS.contains(args[i]) && i + 1 < args.length) {
          options.put(args[i], args[++i]);
        } else {
          throw new IllegalArgumentException(args[i]);
        }
      }
      JudgeChannel target = JudgeChannel.to(options.getOrDefault("--server", "localhost:9090"));
      if (options.containsKey("--tls")) {
        target.tls();
      }
      Optional.ofNullable(System.getenv("JUDGE_TOKEN"))
          .ifPresent(token -> target.bearerToken(() -> token));
      ManagedChannel channel = target.open();
      int exit = run(new JudgeClient(channel), options, System.out);
      channel.shutdownNow();
      System.exit(exit);
    } catch (IllegalArgumentException e) {
      System.err.println("not understood: " + e.getMessage());
      System.err.println(USAGE);
      System.exit(64);
    }
  }

  /**
   * Opens a run if none is named, and waits for its verdict.
   *
   * @param options the options of the command line
   * @param out where the verdict is told
   * @return the exit code
   */
  static int run(JudgeClient judge, Map<String, String> options, PrintStream out)
      throws InterruptedException {
    VerdictPrinter printer = new VerdictPrinter(false);
    try {
      String run = options.get("--run");
      if (run == null) {
        run = judge.createRun(analysisRun(options), requestId(options)).getName();
      }
      out.println("waiting for the verdict of " + run);
      WaitOutcome outcome =
          judge.awaitVerdict(
              run,
              duration(options.getOrDefault("--timeout", "1h")),
              verdict -> out.println(printer.headline(verdict)));
      return switch (outcome) {
        case WaitOutcome.Decided(Verdict verdict) -> {
          out.println(printer.full(verdict));
          yield switch (verdict.getDecision()) {
            case DECISION_GO -> 0;
            case DECISION_NO_GO -> 1;
            case DECISION_INCONCLUSIVE, DECISION_WAIT, DECISION_UNSPECIFIED, UNRECOGNIZED -> 2;
          };
        }
        case WaitOutcome.TimedOut _ -> {
          out.println("no decision in time: not a GO");
          yield 3;
        }
        case WaitOutcome.Unreachable(var _, JudgeCallException cause) -> {
          out.println("the judge is out of reach: not a GO. " + cause.getMessage());
          yield 5;
        }
      };
    } catch (JudgeCallException e) {
      out.println(e.getMessage());
      return e.mayPass() ? 5 : 4;
    }
  }

  private static AnalysisRun analysisRun(Map<String, String> options) {
    return AnalysisRun.newBuilder()
        .setService(required(options, "--service"))
        .setBaselineVersion(required(options, "--baseline"))
        .setCanaryVersion(required(options, "--canary"))
        .setPolicy("policies/" + options.getOrDefault("--policy", "standard"))
        .build();
  }

  private static String required(Map<String, String> options, String name) {
    String value = options.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no " + name);
    }
    return value;
  }

  private static UUID requestId(Map<String, String> options) {
    String given = options.get("--request-id");
    return given == null ? UUID.randomUUID() : UUID.fromString(given);
  }

  /** Reads "90s", "20m" or "1h". */
  static Duration duration(String text) {
    if (!text.matches("[0-9]{1,6}[smh]")) {
      throw new IllegalArgumentException("%s (expected: such as 90s, 20m, 1h)".formatted(text));
    }
    return Duration.parse("PT" + text);
  }
}
