package io.canaryjudge.server.dialect.flagger;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.run.RunHarness;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.run.TestPolicies;
import io.canaryjudge.server.store.RunRecord;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks of a rollout that come at once, whose interleaving is in the hands of the test. */
class RolloutsTest {

  private static final Policy POLICY = TestPolicies.with("standard", "");

  @TempDir Path directory;

  private RunHarness harness;

  @BeforeEach
  void start() {
    harness = new RunHarness(directory);
    harness.policies.add(POLICY);
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  private static Webhook webhook(String checksum, String metadata) {
    return Webhook.parse(
        """
        {"name": "podinfo", "namespace": "test", "phase": "Progressing", "checksum": "%s",
         "metadata": {%s}}
        """
            .formatted(checksum, metadata));
  }

  /** Asks for a run while commits go on. */
  private RunRecord run(Runs runs, Webhook webhook) throws Exception {
    CompletableFuture<RunRecord> run =
        CompletableFuture.supplyAsync(
            () -> new Rollouts(runs).run(webhook, Hook.CONFIRM_ROLLOUT, ""));
    Awaitility.await()
        .atMost(30, TimeUnit.SECONDS)
        .until(
            () -> {
              harness.round();
              return run.isDone();
            });
    return run.get();
  }

  /** The runs, of which somebody else begins one right after they were first listed. */
  private Runs whereMeanwhile(Webhook another) {
    AtomicBoolean listed = new AtomicBoolean();
    return (Runs)
        Proxy.newProxyInstance(
            Runs.class.getClassLoader(),
            new Class<?>[] {Runs.class},
            (_, method, arguments) -> {
              try {
                Object answer = method.invoke(harness.runs, arguments);
                if (method.getName().equals("list") && !listed.getAndSet(true)) {
                  new Rollouts(harness.runs).run(another, Hook.CONFIRM_ROLLOUT, "");
                }
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void aRunThatBeganMeanwhileGoesOn() throws Exception {
    Webhook webhook = webhook("85d557f47b", "");
    RunRecord run = run(whereMeanwhile(webhook), webhook);
    assertThat(run.open()).isTrue();
    assertThat(harness.runs.find(run.id()).open()).isTrue();
  }

  @Test
  void itIsSharedAlsoByAWebhookThatSaysLess() throws Exception {
    Webhook first = webhook("85d557f47b", "\"baseline_version\": \"1.9\"");
    RunRecord run = run(whereMeanwhile(first), webhook("85d557f47b", ""));
    assertThat(run.open()).isTrue();
    assertThat(run.baselineVersion()).isEqualTo("1.9");
  }

  @Test
  void theRunOfAnotherRevisionIsCancelled() throws Exception {
    RunRecord before = run(harness.runs, webhook("85d557f47b", ""));
    RunRecord run = run(harness.runs, webhook("b989cc78", ""));
    assertThat(run.open()).isTrue();
    assertThat(harness.runs.find(before.id()).open()).isFalse();
  }
}
