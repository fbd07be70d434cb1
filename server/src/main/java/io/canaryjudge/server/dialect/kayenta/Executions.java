package io.canaryjudge.server.dialect.kayenta;

import io.canaryjudge.analysis.policy.DurationText;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.PolicySetting;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.server.dialect.ToolRuns;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.policy.Policies;
import io.canaryjudge.server.policy.PolicyName;
import io.canaryjudge.server.run.CreateRun;
import io.canaryjudge.server.run.RunSnapshot;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.store.RunFilter;
import io.canaryjudge.server.store.RunRecord;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Executions are runs: begun once however often they are asked for, and looked up. */
final class Executions {

  /** Among how many runs one of a status is looked for: each has to be read. */
  private static final int WITH_STATUS = 200;

  /** Clocks differ, and requests take their time: what ends within this from now ends now. */
  private static final long NOW_MILLIS = 60_000;

  /**
   * An end that is longer ago asks for the past. Argo Rollouts names the time until now for each
   * measurement, and Orca that of its last interval: both mean a canary that is out there.
   */
  private static final long PAST_MILLIS = 300_000;

  private final Runs runs;
  private final ToolRuns toolRuns;
  private final Policies policies;
  private final boolean pulls;
  private final InstantSource clock;

  /**
   * Begins runs.
   *
   * @param pulls whether the server reads series itself, and so can judge the past
   */
  Executions(Runs runs, Policies policies, boolean pulls, InstantSource clock) {
    this.runs = runs;
    this.toolRuns = new ToolRuns(runs);
    this.policies = policies;
    this.pulls = pulls;
    this.clock = clock;
  }

  /**
   * Begins an execution, or takes part in the one of the same service, policy and arms that is
   * open: tools ask at each of their intervals, and evidence is only worth something if it is
   * gathered in one run. Of a past range there is one execution, since it says the same each time.
   *
   * @param policy name of the policy
   * @param creator who asks; may be empty
   * @throws JudgeException {@code POLICY_NOT_FOUND}, and what {@link Runs#create} throws
   */
  ExecutionId start(String policy, StartRequest request, String creator) {
    Policy current = policies.get(new PolicyName(policy, OptionalLong.empty())).policy();
    ScopeText.Arms arms =
        ScopeText.arms(
            ScopeText.parse("scopes.controlScope.scope", request.control()),
            ScopeText.parse("scopes.experimentScope.scope", request.experiment()));
    Wanted wanted = new Wanted(current, request, arms, past(request));
    Optional<RunRecord> newest = toolRuns.of(request.application(), wanted::isLike).findFirst();
    RunRecord run =
        newest.filter(wanted::isSharedBy).orElseGet(() -> begin(wanted, newest, creator));
    return new ExecutionId(run.id(), request.thresholds());
  }

  /** What is asked for. */
  private record Wanted(
      Policy policy,
      StartRequest request,
      ScopeText.Arms arms,
      Optional<CreateRun.Retrospective> past) {

    /** Whether a run is of the same selection. */
    boolean isLike(RunRecord run) {
      return run.policyName().equals(policy.name())
          && run.arms().equals(arms.selection())
          && run.baselineVersion().equals(arms.baselineVersion())
          && run.canaryVersion().equals(arms.canaryVersion())
          && run.retrospective() == past.isPresent()
          && past.map(range -> sameRange(run, range)).orElse(true);
    }

    private static boolean sameRange(RunRecord run, CreateRun.Retrospective range) {
      return run.pulled()
          && run.startMillis() == range.startMillis()
          && run.rangeEndMillis() == range.endMillis();
    }

    /** Whether such a run is the answer. */
    boolean isSharedBy(RunRecord run) {
      return run.open() || (past.isPresent() && run.state() != RunState.CANCELLED);
    }
  }

  private Optional<CreateRun.Retrospective> past(StartRequest request) {
    long end = request.endMillis().orElse(Long.MAX_VALUE);
    long start = request.startMillis().orElse(Long.MAX_VALUE);
    return pulls && start < end && end < clock.millis() - PAST_MILLIS
        ? Optional.of(new CreateRun.Retrospective(start, 1, end, true))
        : Optional.empty();
  }

  private RunRecord begin(Wanted wanted, Optional<RunRecord> before, String creator) {
    List<String> about =
        List.of(
            wanted.policy().name(),
            wanted.request().application(),
            wanted.arms().baselineVersion(),
            wanted.arms().canaryVersion(),
            wanted.arms().selection().toString(),
            wanted.past().toString());
    return toolRuns.begin(
        new CreateRun(
            ToolRuns.requestId("kayenta", about, before),
            wanted.request().application(),
            wanted.arms().baselineVersion(),
            wanted.arms().canaryVersion(),
            false,
            wanted.arms().selection(),
            wanted.policy().name(),
            OptionalLong.empty(),
            overrides(wanted),
            wanted.request().labels(),
            "",
            wanted.past(),
            creator,
            ""),
        run -> wanted.isLike(run) && wanted.isSharedBy(run));
  }

  /** An end in the future is the deadline, where the policy lets a run have its own. */
  private String overrides(Wanted wanted) {
    long left = wanted.request().endMillis().orElse(0) - clock.millis();
    return left > NOW_MILLIS && wanted.policy().overridable().contains(PolicySetting.DEADLINE)
        ? "{\"deadline\":\"" + DurationText.format(left / 1_000 * 1_000) + "\"}"
        : "{}";
  }

  /** An execution as of now. */
  RunSnapshot find(ExecutionId id) {
    return runs.snapshot(id.runId());
  }

  /**
   * Executions of a service, newest first; those that were not asked for here, too.
   *
   * @param statuses those in one of these, among the newest {@value #WITH_STATUS} runs; empty for
   *     all
   */
  List<RunSnapshot> list(String application, Set<String> statuses, int skip, int limit) {
    RunFilter ofService = new RunFilter(application, Set.of());
    if (statuses.isEmpty()) {
      return runs.list(ofService, Math.min(1_000, skip + limit), "").items().stream()
          .skip(skip)
          .limit(limit)
          .map(run -> runs.snapshot(run.id()))
          .toList();
    }
    return runs.list(ofService, WITH_STATUS, "").items().stream()
        .map(run -> runs.snapshot(run.id()))
        .filter(snapshot -> statuses.contains(ExecutionJson.status(snapshot)))
        .skip(skip)
        .limit(limit)
        .toList();
  }

  /** Ends an execution without a decision; one that has ended stays as it is. */
  void cancel(ExecutionId id, String actor) {
    toolRuns.cancel(id.runId(), actor, "cancelled by the deploy tool", actor);
  }
}
