package io.canaryjudge.server.dialect.kayenta;

import io.canaryjudge.analysis.policy.DurationText;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.PolicySetting;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.policy.Policies;
import io.canaryjudge.server.policy.PolicyName;
import io.canaryjudge.server.run.CreateRun;
import io.canaryjudge.server.run.RunSnapshot;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.store.RunFilter;
import io.canaryjudge.server.store.RunRecord;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/** Executions are runs: begun once however often they are asked for, and looked up. */
final class Executions {

  /** How far back a run of the same selection is looked for. */
  private static final int LOOK_BACK = 200;

  /** Clocks differ, and requests take their time: what ends within this from now ends now. */
  private static final long NOW_MILLIS = 60_000;

  /**
   * An end that is longer ago asks for the past. Argo Rollouts names the time until now for each
   * measurement, and Orca that of its last interval: both mean a canary that is out there.
   */
  private static final long PAST_MILLIS = 300_000;

  private final Runs runs;
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
    Optional<RunRecord> newest = newest(wanted);
    String runId =
        newest
            .filter(wanted::isSharedBy)
            .or(() -> create(wanted, newest, creator))
            .map(RunRecord::id)
            .orElseThrow(() -> inTheWay(request));
    return new ExecutionId(runId, request.thresholds());
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

  private static JudgeException inTheWay(StartRequest request) {
    return JudgeException.of(
            ErrorReason.LIMIT_REACHED,
            "Another request for " + request.application() + " is under way.")
        .retryAfter(1_000);
  }

  /** Empty if somebody else created it meanwhile, and it is over already. */
  private Optional<RunRecord> create(Wanted wanted, Optional<RunRecord> before, String creator) {
    try {
      return Optional.of(
          runs.create(
              new CreateRun(
                  requestId(wanted, before),
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
                  creator)));
    } catch (JudgeException e) {
      if (e.reason() != ErrorReason.REQUEST_ID_REUSED) {
        throw e;
      }
      return newest(wanted).filter(wanted::isSharedBy);
    }
  }

  /**
   * The same for all requests that would begin the same run now: of two at the same time one begins
   * it, and the other is told so.
   */
  private static String requestId(Wanted wanted, Optional<RunRecord> before) {
    List<String> parts =
        List.of(
            wanted.policy().name(),
            wanted.request().application(),
            wanted.arms().baselineVersion(),
            wanted.arms().canaryVersion(),
            wanted.arms().selection().toString(),
            wanted.past().toString(),
            before.map(RunRecord::id).orElse(""));
    StringBuilder text = new StringBuilder("kayenta");
    parts.forEach(part -> text.append('\n').append(part.length()).append(':').append(part));
    return UUID.nameUUIDFromBytes(text.toString().getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** An end in the future is the deadline, where the policy lets a run have its own. */
  private String overrides(Wanted wanted) {
    long left = wanted.request().endMillis().orElse(0) - clock.millis();
    return left > NOW_MILLIS && wanted.policy().overridable().contains(PolicySetting.DEADLINE)
        ? "{\"deadline\":\"" + DurationText.format(left / 1_000 * 1_000) + "\"}"
        : "{}";
  }

  private Optional<RunRecord> newest(Wanted wanted) {
    return runs
        .list(new RunFilter(wanted.request().application(), Set.of()), LOOK_BACK, "")
        .items()
        .stream()
        .filter(wanted::isLike)
        .findFirst();
  }

  /** An execution as of now. */
  RunSnapshot find(ExecutionId id) {
    return runs.snapshot(id.runId());
  }

  /** Executions of a service, newest first; those that were not asked for here, too. */
  List<RunSnapshot> list(String application, int skip, int limit) {
    return runs
        .list(new RunFilter(application, Set.of()), Math.min(1_000, skip + limit), "")
        .items()
        .stream()
        .skip(skip)
        .limit(limit)
        .map(run -> runs.snapshot(run.id()))
        .toList();
  }

  /** Ends an execution without a decision; one that has ended stays as it is. */
  void cancel(ExecutionId id, String actor) {
    try {
      runs.cancel(id.runId(), actor, "cancelled by the deploy tool", actor).join();
    } catch (RuntimeException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (!(cause instanceof JudgeException known) || known.reason() != ErrorReason.RUN_CLOSED) {
        throw e;
      }
    }
  }
}
