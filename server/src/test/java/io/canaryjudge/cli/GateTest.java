package io.canaryjudge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.Decision;
import io.canaryjudge.proto.v1.InconclusiveAction;
import io.canaryjudge.proto.v1.Verdict;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class GateTest {

  @ParameterizedTest
  @CsvSource({
    "GO,           '', 0",
    "NO_GO,        '', 1",
    "INCONCLUSIVE, '', 2",
    "CANCELLED,    '', 2",
    "TIMEOUT,      '', 3",
    "UNREACHABLE,  '', 5",
    "INCONCLUSIVE, --on-inconclusive=pass, 0",
    "INCONCLUSIVE, --on-inconclusive=fail, 1",
    "TIMEOUT,      --on-timeout=pass, 0",
    "TIMEOUT,      --on-timeout=fail, 1",
    "UNREACHABLE,  --on-unreachable=pass, 0",
    "UNREACHABLE,  --on-unreachable=fail, 1",
    "NO_GO,        --on-inconclusive=pass --on-timeout=pass --on-unreachable=pass, 1",
    "CANCELLED,    --on-inconclusive=pass --on-timeout=pass --on-unreachable=pass, 2",
    "UNREACHABLE,  --on-inconclusive=pass --on-timeout=pass, 5",
    "TIMEOUT,      --on-inconclusive=pass --on-unreachable=pass, 3",
    "GO,           --on-inconclusive=fail --on-timeout=fail --on-unreachable=fail, 0",
  })
  void changesWhatItWasToldAndNothingElse(Outcome outcome, String options, int exitCode) {
    Answer answer = gate(options).apply(Answer.of("r", outcome, Optional.empty(), ""));
    assertThat(answer.exitCode()).isEqualTo(exitCode);
    assertThat(answer.changed().isEmpty()).isEqualTo(exitCode == outcome.exitCode());
    assertThat(answer.outcome()).isEqualTo(outcome);
  }

  @ParameterizedTest
  @CsvSource({"INCONCLUSIVE_ACTION_HOLD, 2", "INCONCLUSIVE_ACTION_ROLL_BACK, 1"})
  void doesWhatThePolicySays(InconclusiveAction action, int exitCode) {
    Verdict verdict = Verdict.newBuilder().setOnInconclusive(action).build();
    Answer answer = Answer.of("r", Outcome.INCONCLUSIVE, Optional.of(verdict), "");
    assertThat(gate("--on-inconclusive=policy").apply(answer).exitCode()).isEqualTo(exitCode);
  }

  @ParameterizedTest
  @CsvSource({
    "DECISION_GO, STATE_COMPLETED, GO",
    "DECISION_GO, STATE_CANCELLED, CANCELLED",
    "DECISION_NO_GO, STATE_COMPLETED, NO_GO",
    "DECISION_INCONCLUSIVE, STATE_COMPLETED, INCONCLUSIVE",
    "DECISION_WAIT, STATE_RUNNING, WAIT",
    "DECISION_UNSPECIFIED, STATE_RUNNING, WAIT",
  })
  void onlyAGoIsAGo(Decision decision, AnalysisRun.State state, Outcome outcome) {
    Verdict verdict = Verdict.newBuilder().setDecision(decision).setState(state).build();
    assertThat(Outcome.of(verdict)).isEqualTo(outcome);
    assertThat(Outcome.of(Verdict.newBuilder().setDecisionValue(77).build()))
        .isEqualTo(Outcome.WAIT);
  }

  private static Gate gate(String options) {
    Gate gate = new Gate();
    CommandSpec spec = CommandSpec.create().addMixin("gate", CommandSpec.forAnnotatedObject(gate));
    CommandLine line = new CommandLine(spec);
    line.parseArgs(options.isEmpty() ? new String[0] : options.split(" "));
    return gate;
  }
}
