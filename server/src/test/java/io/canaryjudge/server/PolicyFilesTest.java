package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.GetPolicyRequest;
import io.canaryjudge.proto.v1.ListPolicyRevisionsRequest;
import io.canaryjudge.proto.v1.Policy;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A server that starts with a directory of policy files. */
class PolicyFilesTest {

  private static final String CHECKOUT =
      """
      name: checkout
      alpha: 0.01
      beta: 0.05
      window: 5s
      metrics: [{name: error_rate, kind: proportion, thresholds: [{limit: 0.01}]}]
      """;
  private static final String SEARCH =
      """
      {"name": "search", "alpha": 0.1, "beta": 0.05, "window": "5s", "metrics": [
        {"name": "latency", "kind": "distribution", "unit": "s",
         "thresholds": [{"quantile": 0.95, "limit": 2}]}]}
      """;

  @TempDir private Path directory;
  private Path files;

  @BeforeEach
  void makeDirectory() throws IOException {
    files = Files.createDirectory(directory.resolve("policies"));
  }

  private void file(String name, String text) throws IOException {
    Files.writeString(files.resolve(name), text);
  }

  private Map<String, String> settings() {
    return Map.of("policies.directory", files.toString());
  }

  private static Policy policy(TestServer server, String name) {
    return server
        .policies()
        .getPolicy(GetPolicyRequest.newBuilder().setName("policies/" + name).build())
        .getPolicy();
  }

  private static int revisions(TestServer server, String name) {
    return server
        .policies()
        .listPolicyRevisions(
            ListPolicyRevisionsRequest.newBuilder().setParent("policies/" + name).build())
        .getPolicyRevisionsCount();
  }

  @Test
  void runsAreJudgedByFilesInYamlAndJson() throws Exception {
    file("checkout.yaml", CHECKOUT);
    file("search.json", SEARCH);
    try (TestServer server = TestServer.start(directory, settings())) {
      assertThat(policy(server, "checkout").getAlpha()).isEqualTo(0.01);
      assertThat(policy(server, "search").getMetrics(0).getThresholds(0).getLimit()).isEqualTo(2);
      AnalysisRun run =
          TestServer.createRequest().getAnalysisRun().toBuilder()
              .setPolicy("policies/search")
              .build();
      CreateAnalysisRunRequest request =
          TestServer.createRequest().toBuilder().setAnalysisRun(run).build();
      assertThat(server.judge().createAnalysisRun(request).getAnalysisRun().getPolicyRevision())
          .isEqualTo("policies/search/revisions/1");
    }
    file("checkout.yaml", CHECKOUT.replace("alpha: 0.01", "alpha: 0.02"));
    try (TestServer again = TestServer.start(directory, settings())) {
      assertThat(policy(again, "checkout").getAlpha()).isEqualTo(0.02);
      assertThat(revisions(again, "checkout")).isEqualTo(2);
      assertThat(revisions(again, "search")).isEqualTo(1);
    }
  }

  @Test
  void badFilesAreToldLineByLineAndNothingIsStored() throws Exception {
    file("bad.yaml", CHECKOUT.replace("alpha: 0.01", "alfa: 0.01"));
    file("worse.json", SEARCH.replace("0.95", "95").replace("\"5s\"", "\"5 parsecs\""));
    file("fine.yaml", CHECKOUT.replace("checkout", "fine"));

    assertThatExceptionOfType(StartException.class)
        .isThrownBy(() -> TestServer.startServer(directory, settings()))
        .satisfies(
            e ->
                assertThat(e.getMessage().lines())
                    .containsExactly(
                        "cannot start: 4 violations:",
                        "bad.yaml: alfa: unknown key (expected: alpha)",
                        "bad.yaml: alpha: missing (expected: in (0, 0.5])",
                        "worse.json: window: \"5 parsecs\" (expected: a duration such as 5s, 250ms,"
                            + " 10m or 1h30m, whole milliseconds)",
                        "worse.json: metrics[0].thresholds[0].quantile: 95 (expected: in (0, 1),"
                            + " such as 0.95: a distribution is compared at a quantile)"));
    assertThat(directory.resolve("judge.db")).doesNotExist();

    Files.delete(files.resolve("bad.yaml"));
    Files.delete(files.resolve("worse.json"));
    try (TestServer server = TestServer.start(directory, settings())) {
      assertThat(policy(server, "fine").getEtag()).isNotEmpty();
    }
  }

  @Test
  void theCommandEndsAsForAnyOtherBadConfiguration() throws Exception {
    file("bad.yaml", CHECKOUT.replace("limit: 0.01", "limit: 0.01, colour: red"));
    StringWriter err = new StringWriter();
    CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(err));

    int exit =
        commandLine.execute(
            "server",
            "--policies=" + files,
            "--database=jdbc:sqlite:" + directory.resolve("judge.db"),
            "--grpc-port=0",
            "--http-port=0",
            "--set=log.level=error");

    assertThat(exit).isEqualTo(ServerCommand.EXIT_CONFIG);
    assertThat(err.toString())
        .startsWith("cannot start: 1 violations:\nbad.yaml: metrics[0].thresholds[0].colour: ");
  }
}
