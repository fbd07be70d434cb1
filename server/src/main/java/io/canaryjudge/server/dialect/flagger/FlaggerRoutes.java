package io.canaryjudge.server.dialect.flagger;

import io.canaryjudge.analysis.policy.InconclusiveAction;
import io.canaryjudge.analysis.verdict.Verdict;
import io.canaryjudge.server.api.ErrorForm;
import io.canaryjudge.server.api.HttpCall;
import io.canaryjudge.server.api.HttpRoute;
import io.canaryjudge.server.api.RouteGroup;
import io.canaryjudge.server.run.RunPolicies;
import io.canaryjudge.server.run.RunSnapshot;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.store.RunRecord;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * A path for each type of webhook. Flagger takes 200 to 202 for a yes, and shows the text of a 403
 * in its events; of 429 and 5xx it shows nothing.
 */
public final class FlaggerRoutes implements RouteGroup {

  private static final String PREFIX = "/flagger/";

  /** Most of them may begin a run. */
  private static final String OPERATION = "canary.judge.v1.Judge/CreateAnalysisRun";

  private final Runs runs;
  private final RunPolicies policies;
  private final Rollouts rollouts;

  /** Answers from the verdicts of runs. */
  public FlaggerRoutes(Runs runs, RunPolicies policies) {
    this.runs = runs;
    this.policies = policies;
    this.rollouts = new Rollouts(runs);
  }

  @Override
  public List<HttpRoute> routes() {
    return Arrays.stream(Hook.values())
        .map(
            hook ->
                HttpRoute.of(
                    "POST",
                    PREFIX + hook.path(),
                    OPERATION,
                    call -> answer(hook, call),
                    ErrorForm.PLAIN))
        .toList();
  }

  private void answer(Hook hook, HttpCall call) throws IOException {
    Webhook webhook = Webhook.parse(call.jsonBody());
    String creator = call.caller().name();
    if (!hook.needsRun()) {
      rollouts.find(webhook).ifPresent(run -> tell(hook, webhook, run, creator));
      call.answerText(true, "noted");
      return;
    }
    RunRecord run = rollouts.run(webhook, hook, creator);
    InconclusiveAction onInconclusive = policies.read(run.effectivePolicy()).onInconclusive();
    Hook.Answer answer = hook.answer(runs.snapshot(run.id()).verdict(), onInconclusive);
    call.answerText(answer.proceed(), answer.text() + " (run " + run.id() + ")");
  }

  private void tell(Hook hook, Webhook webhook, RunRecord run, String actor) {
    if (!run.open()) {
      return;
    }
    Event event = Event.of(webhook);
    if (event.rolledBack() || (hook == Hook.POST_ROLLOUT && webhook.phase().equals("Failed"))) {
      rollouts.cancel(run, "Flagger rolled back", actor);
    } else if (event.weight().isPresent()) {
      report(run, event.weight().getAsDouble(), actor);
    }
  }

  private void report(RunRecord run, double weight, String actor) {
    RunSnapshot snapshot = runs.snapshot(run.id());
    Verdict verdict = snapshot.verdict();
    if (verdict.weight() == weight) {
      return;
    }
    runs.reportStep(run.id(), verdict.step() + 1, weight, actor).join();
  }
}
