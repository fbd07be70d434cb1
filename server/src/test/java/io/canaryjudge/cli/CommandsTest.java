package io.canaryjudge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.server.CalledCommand;
import io.canaryjudge.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands against a whole server, called in this process. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CommandsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static TestServer server;

  @TempDir private Path directory;
  private final Map<String, String> environment = new TreeMap<>();

  @BeforeAll
  static void start(@TempDir Path shared) {
    server = TestServer.start(shared);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void ask() {
    ask(server);
  }

  private void ask(TestServer judge) {
    environment.put("CANARY_JUDGE_SERVER", "127.0.0.1:" + judge.server().grpcPort());
  }

  private CalledCommand call(String... arguments) {
    return CalledCommand.call(environment, arguments);
  }

  private String create(String... more) {
    String[] arguments = {
      "run", "create", "--service=checkout", "--baseline=1.4.2", "--canary=1.5.0"
    };
    String[] all = new String[arguments.length + more.length];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    CalledCommand created = call(all);
    assertThat(created.exitCode()).as(created.err()).isZero();
    String run = created.out().strip();
    environment.put("CANARY_JUDGE_RUN", run);
    return run;
  }

  private static JsonNode json(CalledCommand called) throws IOException {
    return JSON.readTree(called.out());
  }

  @Test
  void creatingPrintsTheNameAndNothingElse() {
    assertThat(create()).matches("analysisRuns/[0-9a-f-]{36}");
  }

  @Test
  void aSecondTryOfOneDeploymentGetsTheSameRun() {
    assertThat(create("--request-id", "pipeline 4711"))
        .isEqualTo(create("--request-id", "pipeline 4711"))
        .isNotEqualTo(create("--request-id", "pipeline 4712"));
  }

  @Test
  void aRunHasAllThatWasSaidOfIt() throws IOException {
    create(
        "--policy=standard/revisions/1",
        "--digest=sha256:abc",
        "--label=team=payments",
        "--plan=5,25,50",
        "--verify-split",
        "--deadline=45m",
        "--warm-up=90s",
        "--scope=job=checkout",
        "--arm-label=track",
        "--baseline-value=stable",
        "--canary-value=canary",
        "--instance-label=pod");
    JsonNode run = json(call("run", "show", "--output=json")).at("/run");
    assertThat(run.at("/policyRevision").asText()).isEqualTo("policies/standard/revisions/1");
    assertThat(run.at("/artifactDigest").asText()).isEqualTo("sha256:abc");
    assertThat(run.at("/labels/0/value").asText()).isEqualTo("payments");
    assertThat(run.at("/overrides/trafficPlan/weights/2").asInt()).isEqualTo(50);
    assertThat(run.at("/overrides/trafficPlan/verifySplit").asBoolean()).isTrue();
    assertThat(run.at("/overrides/deadline").asText()).isEqualTo("2700s");
    assertThat(run.at("/overrides/warmUp").asText()).isEqualTo("90s");
    assertThat(run.at("/arms/scope/0/values/0").asText()).isEqualTo("checkout");
    assertThat(run.at("/arms/label").asText()).isEqualTo("track");
    assertThat(run.at("/arms/canaryValue").asText()).isEqualTo("canary");
    assertThat(run.at("/arms/instanceLabel").asText()).isEqualTo("pod");
    assertThat(call("run", "show").out()).contains("checkout", "1.4.2 -> 1.5.0", "team=payments");
    assertThat(call("runs", "list", "--service=checkout", "--state=pending").out())
        .contains("standard/revisions/1");
  }

  @Test
  void aStepIsFoundInThePlanByItsShare() throws IOException {
    create("--plan=5,25,50");
    assertThat(call("run", "step", "25").exitCode()).isZero();
    assertThat(json(call("run", "show", "-o", "json")).at("/verdict/step/index").asInt())
        .isEqualTo(1);
    CalledCommand unplanned = call("run", "step", "30");
    assertThat(unplanned.exitCode()).isEqualTo(4);
    assertThat(unplanned.err()).contains("30 is no step of the plan [5.0, 25.0, 50.0]");
    assertThat(call("run", "step", "30", "--index=2").exitCode()).isZero();
  }

  @Test
  void whatIsToldToARunThatHasEndedIsAnsweredWithItsVerdict() throws IOException {
    create("--policy=database-migration", "--plan=5,25,50");
    assertThat(call("run", "check", "migration-applied", "failed").exitCode()).isZero();
    CalledCommand step = call("run", "step", "25");
    assertThat(step.exitCode()).as(step.err()).isOne();
    assertThat(step.out()).contains("NO_GO (CHECK_FAILED): roll back");
    assertThat(step.err()).contains("step 1, 25 %: the run has ended");
    CalledCommand check = call("run", "check", "backup-verified", "passed", "--output=json");
    assertThat(check.exitCode()).isOne();
    assertThat(json(check).at("/decision").asText()).isEqualTo("DECISION_NO_GO");

    create("--plan=5,25,50");
    call("run", "cancel", "--author=anna", "--reason=typo");
    assertThat(call("run", "step", "5").exitCode()).isEqualTo(2);
  }

  @Test
  void theVerdictOfNowHasAnExitCode() {
    create();
    assertThat(call("verdict").exitCode()).isEqualTo(3);
    assertThat(call("run", "override", "no-go", "--author=ada", "--reason=graphs").exitCode())
        .isZero();
    CalledCommand verdict = call("verdict");
    assertThat(verdict.exitCode()).isEqualTo(1);
    assertThat(verdict.out()).contains("NO_GO", "decided by ada: graphs");
    call("run", "override", "go", "--author=ada", "--reason=the graphs were wrong");
    assertThat(call("verdict").exitCode()).isZero();
  }

  @Test
  void anOverrideNeedsANameAndAReason() {
    create();
    assertThat(call("run", "override", "go", "--author=ada").exitCode()).isEqualTo(4);
    assertThat(call("run", "override", "go", "--reason=so").exitCode()).isEqualTo(4);
    assertThat(call("run", "override", "wait", "--author=a", "--reason=b").exitCode()).isEqualTo(4);
    environment.put("GITHUB_ACTOR", "ada");
    assertThat(call("run", "override", "go", "--reason=so").out()).contains("GO by ada");
  }

  @Test
  void whatACheckSaysIsPassedOn() throws IOException {
    create();
    assertThat(call("run", "check", "smoke-test", "failed", "--reason=500").exitCode()).isZero();
    JsonNode verdict = json(call("run", "show", "-o", "json")).at("/verdict");
    assertThat(verdict.at("/checks/0/outcome").asText()).isEqualTo("CHECK_OUTCOME_FAILED");
    CalledCommand unknown = call("run", "check", "smoke-test", "fine");
    assertThat(unknown.exitCode()).isEqualTo(4);
    assertThat(unknown.err()).contains("expected: one of pending, passed, failed");
  }

  @Test
  void aCancelledRunIsNeverPassed() {
    create();
    assertThat(call("run", "cancel", "--reason=enough").exitCode()).isZero();
    assertThat(call("wait", "--on-inconclusive=pass", "--on-timeout=pass").exitCode()).isEqualTo(2);
    assertThat(call("verdict").exitCode()).isEqualTo(2);
  }

  @Test
  void aWaitThatIsOverIsNoGoUnlessTheCallerSaysSoAloud() throws IOException {
    String run = create();
    CalledCommand closed = call("wait", "--timeout=3s", "-o", "json");
    assertThat(closed.exitCode()).isEqualTo(3);
    assertThat(json(closed).at("/outcome").asText()).isEqualTo("TIMEOUT");
    assertThat(json(closed).at("/run").asText()).isEqualTo(run);
    assertThat(json(closed).at("/verdict/decision").asText()).isEqualTo("DECISION_WAIT");
    assertThat(closed.err()).contains("WAIT · NO_SAMPLES");

    CalledCommand open = call("wait", "--timeout=3s", "--on-timeout=pass", "-o", "json");
    assertThat(open.exitCode()).isZero();
    assertThat(open.err()).contains("FAIL-OPEN: TIMEOUT", "--on-timeout=pass");
    assertThat(json(open).at("/exit_code").asInt()).isZero();
    assertThat(json(open).at("/own_exit_code").asInt()).isEqualTo(3);
    assertThat(json(open).at("/exit_code_changed").asText()).contains("FAIL-OPEN");
  }

  @Test
  void aJudgeOutOfReachIsFive() {
    create();
    environment.put("CANARY_JUDGE_SERVER", "127.0.0.1:1");
    CalledCommand verdict = call("verdict", "--retry=0");
    assertThat(verdict.exitCode()).isEqualTo(5);
    assertThat(verdict.err()).contains("out of reach");
    assertThat(call("wait", "--timeout=1h", "--unreachable-after=1s").exitCode()).isEqualTo(5);
    CalledCommand closed =
        call("wait", "--timeout=1h", "--unreachable-after=1s", "--on-unreachable=fail");
    assertThat(closed.exitCode()).isEqualTo(1);
    assertThat(closed.err()).contains("FAIL-CLOSED: UNREACHABLE");
  }

  @Test
  void aRefusalIsSix() {
    environment.put("CANARY_JUDGE_RUN", "00000000-0000-0000-0000-000000000000");
    CalledCommand unknown = call("wait", "--on-unreachable=pass", "--on-inconclusive=pass");
    assertThat(unknown.exitCode()).isEqualTo(6);
    assertThat(unknown.err()).contains("RUN_NOT_FOUND");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "a b", "../policies"})
  void noRunIsAMistake(String run) {
    environment.put("CANARY_JUDGE_RUN", run);
    assertThat(call("wait").exitCode()).isEqualTo(4);
  }

  @Test
  void aWaitGoesOnOverARestart() throws Exception {
    TestServer first = TestServer.start(directory);
    ask(first);
    String run = create();
    CompletableFuture<CalledCommand> wait =
        CompletableFuture.supplyAsync(() -> call("wait", "--timeout=100s"));
    String port = String.valueOf(first.server().grpcPort());
    first.close();
    try (TestServer _ = TestServer.start(directory, Map.of("grpc.port", port))) {
      assertThat(wait).isNotDone();
      assertThat(call("run", "cancel", "--run=" + run).exitCode()).isZero();
      assertThat(wait.get(100, TimeUnit.SECONDS).exitCode()).isEqualTo(2);
    }
  }

  @Test
  void whatOthersWroteIsHarmlessInALog() throws IOException {
    String evil = "x\n::error::owned\r\u001b[2J ##[command]rm <img src=x> | `a` [b](http://c) %0A";
    create("--label=note=" + evil);
    call("run", "override", "no-go", "--author=" + evil, "--reason=" + evil);
    Path summary = directory.resolve("summary.md");
    Files.writeString(summary, "before\n");
    environment.put("GITHUB_STEP_SUMMARY", summary.toString());
    CalledCommand verdict = call("verdict", "--github");

    assertThat(verdict.out()).doesNotContain("\u001b", "##[");
    assertThat(verdict.out().lines().map(String::strip).filter(line -> line.startsWith("::")))
        .singleElement()
        .asString()
        .startsWith("::error title=Canary NO_GO%3A roll back::");
    String page = Files.readString(summary);
    assertThat(page).startsWith("before\n## ").contains("NO\\_GO", "| metric |");
    assertThat(page).doesNotContain("<img", "`a`", "[b](", "\u001b");
    assertThat(call("run", "show").out()).doesNotContain("\u001b", "##[");
    assertThat(call("run", "show", "-o", "json").out()).doesNotContain("\u001b", "##[");
  }

  @Test
  void markdownGoesToAFileOrTakesThePlaceOfTheText() throws IOException {
    create();
    Path page = directory.resolve("page.md");
    assertThat(call("verdict", "--markdown", page.toString()).out()).contains("WAIT");
    assertThat(page).content().startsWith("## ⚠️ Canary WAIT: not settled yet\n");
    assertThat(call("verdict", "--markdown=-").out()).startsWith("## ⚠️ Canary WAIT");
    assertThat(call("verdict", "--markdown=-", "-o", "json").exitCode()).isEqualTo(4);
    CalledCommand unwritten = call("verdict", "--markdown", directory + "/no/such/page.md");
    assertThat(unwritten.exitCode()).isEqualTo(3);
    assertThat(unwritten.err()).contains("the page was not written");
  }

  @ParameterizedTest
  @ValueSource(strings = {"standard", "guardrail", "sustained", "database-migration", "bake-4h"})
  void aPolicyComesBackAsItWent(String name) throws IOException {
    Path file = directory.resolve("policy.yaml");
    Files.writeString(file, call("policy", "get", name).out());
    CalledCommand same = call("policy", "diff", file.toString());
    assertThat(same.out()).endsWith("the same\n");
    assertThat(same.exitCode()).isZero();
    assertThat(call("policy", "apply", file.toString()).out()).isEqualTo(name + ": unchanged\n");
  }

  @Test
  void aPolicyIsComparedThenApplied() throws IOException {
    Path file = directory.resolve("checkout.yaml");
    String text =
        """
        name: checkout
        alpha: 0.01
        beta: 0.05
        window: 5s
        metrics:
          - name: error_rate
            kind: proportion
            thresholds: [{limit: 0.01}]
        """;
    Files.writeString(file, text);
    CalledCommand fresh = call("policy", "diff", file.toString());
    assertThat(fresh.exitCode()).isEqualTo(1);
    assertThat(fresh.out()).contains("which is new", "+ alpha: 0.01", "+ lateness: 10s");
    assertThat(call("policy", "apply", "--dry-run", file.toString()).out())
        .isEqualTo("checkout: would be created\n");
    assertThat(call("policy", "apply", file.toString()).out()).isEqualTo("checkout: created\n");
    Files.writeString(file, text.replace("0.01", "0.02"));
    assertThat(call("policy", "diff", file.toString()).out())
        .contains("- alpha: 0.01", "+ alpha: 0.02", "+ metrics[0].thresholds[0].limit: 0.02")
        .doesNotContain("beta");
    assertThat(call("policy", "apply", file.toString()).out())
        .isEqualTo("checkout: updated to revision 2\n");
    assertThat(call("policy", "list").out()).contains("checkout", "revision 2");
    assertThat(call("policy", "get", "checkout/revisions/1").out()).contains("alpha: 0.01");
  }

  @Test
  void sourcesAreCheckedBeforeAPolicyIsApplied() throws IOException {
    Path file = directory.resolve("sourced.yaml");
    Files.writeString(
        file,
        """
        name: sourced
        alpha: 0.01
        beta: 0.05
        window: 5s
        metrics:
          - name: error_rate
            kind: proportion
            thresholds:
              - limit: 0.01
        """);
    CalledCommand checked =
        call(
            "policy",
            "check-sources",
            file.toString(),
            "--service=checkout",
            "--baseline=1.4.2",
            "--canary=1.5.0");
    assertThat(checked.exitCode()).as(checked.err()).isEqualTo(1);
    assertThat(checked.err()).contains("prometheus.url");
    assertThat(call("policy", "list").out()).doesNotContain("sourced");
    assertThat(call("policy", "check-sources", file.toString()).exitCode()).isEqualTo(4);
  }

  @Test
  void aRunSaysItsEnvironment() {
    CalledCommand created =
        call(
            "run",
            "create",
            "--service=checkout",
            "--baseline=1.4.2",
            "--canary=1.5.0",
            "--environment=staging",
            "--output=json");
    assertThat(created.out()).contains("\"environment\" : \"staging\"");
  }

  @Test
  void ofSeveralPoliciesNoneIsAppliedIfOneIsWrong() throws IOException {
    Path good = directory.resolve("good.yaml");
    Path bad = directory.resolve("bad.yaml");
    Files.writeString(good, call("policy", "get", "standard").out().replace("standard", "good"));
    Files.writeString(bad, "name: bad\nalpha: 0.7\n");
    CalledCommand applied = call("policy", "apply", good.toString(), bad.toString());
    assertThat(applied.exitCode()).isEqualTo(6);
    assertThat(applied.err()).contains("alpha: 0.7", "nothing was applied");
    assertThat(call("policy", "get", "good").exitCode()).isEqualTo(6);
    assertThat(call("policy", "diff", bad.toString()).exitCode()).isEqualTo(6);
    assertThat(call("policy", "diff", directory + "/none.yaml").exitCode()).isEqualTo(4);
  }

  @Test
  void aRunIsReplayed() {
    create();
    call("run", "check", "smoke-test", "passed");
    CalledCommand replayed = call("replay");
    assertThat(replayed.exitCode()).isZero();
    assertThat(replayed.out()).contains("0 different");
  }
}
