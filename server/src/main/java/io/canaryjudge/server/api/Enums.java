package io.canaryjudge.server.api;

import io.canaryjudge.analysis.policy.InconclusiveAction;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.verdict.Caveat;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.Reason;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.proto.v1.AnalysisRun;
import java.util.Optional;

/**
 * Constants of the judgement as constants of the wire, and back. No switch has a default: a new
 * constant does not compile until somebody says what it is on the wire.
 */
final class Enums {

  private Enums() {}

  static AnalysisRun.State toProto(RunState state) {
    return switch (state) {
      case PENDING -> AnalysisRun.State.STATE_PENDING;
      case RUNNING -> AnalysisRun.State.STATE_RUNNING;
      case COMPLETED -> AnalysisRun.State.STATE_COMPLETED;
      case CANCELLED -> AnalysisRun.State.STATE_CANCELLED;
    };
  }

  /** Empty for what may not come in. */
  static Optional<RunState> fromProto(AnalysisRun.State state) {
    return switch (state) {
      case STATE_PENDING -> Optional.of(RunState.PENDING);
      case STATE_RUNNING -> Optional.of(RunState.RUNNING);
      case STATE_COMPLETED -> Optional.of(RunState.COMPLETED);
      case STATE_CANCELLED -> Optional.of(RunState.CANCELLED);
      case STATE_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  static io.canaryjudge.proto.v1.Decision toProto(Decision decision) {
    return switch (decision) {
      case WAIT -> io.canaryjudge.proto.v1.Decision.DECISION_WAIT;
      case GO -> io.canaryjudge.proto.v1.Decision.DECISION_GO;
      case NO_GO -> io.canaryjudge.proto.v1.Decision.DECISION_NO_GO;
      case INCONCLUSIVE -> io.canaryjudge.proto.v1.Decision.DECISION_INCONCLUSIVE;
    };
  }

  /** What a person may decide; empty for everything else. */
  static Optional<Decision> overrideFromProto(io.canaryjudge.proto.v1.Decision decision) {
    return switch (decision) {
      case DECISION_GO -> Optional.of(Decision.GO);
      case DECISION_NO_GO -> Optional.of(Decision.NO_GO);
      case DECISION_WAIT, DECISION_INCONCLUSIVE, DECISION_UNSPECIFIED, UNRECOGNIZED ->
          Optional.empty();
    };
  }

  static io.canaryjudge.proto.v1.CheckOutcome toProto(CheckOutcome outcome) {
    return switch (outcome) {
      case PENDING -> io.canaryjudge.proto.v1.CheckOutcome.CHECK_OUTCOME_PENDING;
      case PASSED -> io.canaryjudge.proto.v1.CheckOutcome.CHECK_OUTCOME_PASSED;
      case FAILED -> io.canaryjudge.proto.v1.CheckOutcome.CHECK_OUTCOME_FAILED;
      case EXPIRED -> io.canaryjudge.proto.v1.CheckOutcome.CHECK_OUTCOME_EXPIRED;
    };
  }

  /** Empty for what may not come in. */
  static Optional<CheckOutcome> fromProto(io.canaryjudge.proto.v1.CheckOutcome outcome) {
    return switch (outcome) {
      case CHECK_OUTCOME_PENDING -> Optional.of(CheckOutcome.PENDING);
      case CHECK_OUTCOME_PASSED -> Optional.of(CheckOutcome.PASSED);
      case CHECK_OUTCOME_FAILED -> Optional.of(CheckOutcome.FAILED);
      case CHECK_OUTCOME_EXPIRED, CHECK_OUTCOME_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  static io.canaryjudge.proto.v1.MetricRole toProto(MetricRole role) {
    return switch (role) {
      case DECIDES -> io.canaryjudge.proto.v1.MetricRole.METRIC_ROLE_DECIDES;
      case WARNS -> io.canaryjudge.proto.v1.MetricRole.METRIC_ROLE_WARNS;
    };
  }

  static io.canaryjudge.proto.v1.InconclusiveAction toProto(InconclusiveAction action) {
    return switch (action) {
      case HOLD -> io.canaryjudge.proto.v1.InconclusiveAction.INCONCLUSIVE_ACTION_HOLD;
      case ROLL_BACK -> io.canaryjudge.proto.v1.InconclusiveAction.INCONCLUSIVE_ACTION_ROLL_BACK;
    };
  }

  static io.canaryjudge.proto.v1.Caveat toProto(Caveat caveat) {
    return switch (caveat) {
      case SINGLE_CANARY_INSTANCE -> io.canaryjudge.proto.v1.Caveat.CAVEAT_SINGLE_CANARY_INSTANCE;
      case FEW_INSTANCES -> io.canaryjudge.proto.v1.Caveat.CAVEAT_FEW_INSTANCES;
      case TOO_MANY_INSTANCES -> io.canaryjudge.proto.v1.Caveat.CAVEAT_TOO_MANY_INSTANCES;
      case RESOLUTION_APPROX -> io.canaryjudge.proto.v1.Caveat.CAVEAT_RESOLUTION_APPROX;
      case IDENTICAL_ARMS -> io.canaryjudge.proto.v1.Caveat.CAVEAT_IDENTICAL_ARMS;
      case STRATA_POOLED -> io.canaryjudge.proto.v1.Caveat.CAVEAT_STRATA_POOLED;
      case STRATA_UNMATCHED -> io.canaryjudge.proto.v1.Caveat.CAVEAT_STRATA_UNMATCHED;
    };
  }

  static io.canaryjudge.proto.v1.Reason toProto(Reason reason) {
    return switch (reason) {
      case WITHIN_TOLERANCE -> io.canaryjudge.proto.v1.Reason.REASON_WITHIN_TOLERANCE;
      case BEYOND_TOLERANCE -> io.canaryjudge.proto.v1.Reason.REASON_BEYOND_TOLERANCE;
      case JOINTLY_BEYOND_TOLERANCE ->
          io.canaryjudge.proto.v1.Reason.REASON_JOINTLY_BEYOND_TOLERANCE;
      case LATE -> io.canaryjudge.proto.v1.Reason.REASON_LATE;
      case NO_SAMPLES -> io.canaryjudge.proto.v1.Reason.REASON_NO_SAMPLES;
      case NO_DATA -> io.canaryjudge.proto.v1.Reason.REASON_NO_DATA;
      case WARMING_UP -> io.canaryjudge.proto.v1.Reason.REASON_WARMING_UP;
      case COLLECTING -> io.canaryjudge.proto.v1.Reason.REASON_COLLECTING;
      case MINIMUM_TIME -> io.canaryjudge.proto.v1.Reason.REASON_MINIMUM_TIME;
      case LOW_COVERAGE -> io.canaryjudge.proto.v1.Reason.REASON_LOW_COVERAGE;
      case SAMPLE_RATIO -> io.canaryjudge.proto.v1.Reason.REASON_SAMPLE_RATIO;
      case IDENTICAL_ARMS -> io.canaryjudge.proto.v1.Reason.REASON_IDENTICAL_ARMS;
      case RESOLUTION -> io.canaryjudge.proto.v1.Reason.REASON_RESOLUTION;
      case RESOLUTION_APPROX -> io.canaryjudge.proto.v1.Reason.REASON_RESOLUTION_APPROX;
      case HETEROGENEOUS -> io.canaryjudge.proto.v1.Reason.REASON_HETEROGENEOUS;
      case MINIMUM_EVENTS -> io.canaryjudge.proto.v1.Reason.REASON_MINIMUM_EVENTS;
      case CHECK_PENDING -> io.canaryjudge.proto.v1.Reason.REASON_CHECK_PENDING;
      case CHECK_FAILED -> io.canaryjudge.proto.v1.Reason.REASON_CHECK_FAILED;
      case CHECK_EXPIRED -> io.canaryjudge.proto.v1.Reason.REASON_CHECK_EXPIRED;
      case EARLIER_GO -> io.canaryjudge.proto.v1.Reason.REASON_EARLIER_GO;
      case DEPLOYMENT_WINDOW -> io.canaryjudge.proto.v1.Reason.REASON_DEPLOYMENT_WINDOW;
      case DEADLINE -> io.canaryjudge.proto.v1.Reason.REASON_DEADLINE;
      case DATA_ENDED -> io.canaryjudge.proto.v1.Reason.REASON_DATA_ENDED;
      case CANCELLED -> io.canaryjudge.proto.v1.Reason.REASON_CANCELLED;
    };
  }
}
