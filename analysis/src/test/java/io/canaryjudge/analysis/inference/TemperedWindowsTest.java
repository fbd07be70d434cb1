package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.analysis.aggregate.Arm;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Dispersion, snapshots and windowed evidence against a plain reference in Python. */
class TemperedWindowsTest {
  @TestFactory
  Stream<DynamicTest> agreesWithTheReference() throws IOException {
    JsonNode golden;
    try (InputStream in =
        Objects.requireNonNull(
            TemperedWindowsTest.class.getResourceAsStream("tempered_windows.json"))) {
      golden = new ObjectMapper().readTree(in);
    }
    assertThat(golden.get("cases")).hasSize(5);
    return StreamSupport.stream(golden.get("cases").spliterator(), false)
        .map(run -> DynamicTest.dynamicTest(run.get("name").asText(), () -> play(golden, run)));
  }

  private static void play(JsonNode golden, JsonNode run) {
    int perEpoch = golden.get("windowsPerEpoch").asInt();
    long horizon = run.get("horizonEpochs").asLong();
    Epochs epochs =
        horizon == 0
            ? Epochs.openEnded(perEpoch)
            : Epochs.withHorizon(perEpoch, horizon * perEpoch + 5);
    Play play = new Play(epochs, run.get("instanceCv").asDouble());
    int compared = 0;
    for (JsonNode window : run.get("windows")) {
      play.begin();
      double[] canary = add(play, Arm.CANARY, window.get("C"));
      double[] baseline = add(play, Arm.BASELINE, window.get("B"));
      play.end(
          canary[0],
          canary[1],
          baseline[0],
          baseline[1],
          golden.get("rho").asDouble(),
          golden.get("cap").asDouble());
      JsonNode expected = run.get("expected").get(compared);
      if (expected != null && expected.get("windows").asLong() == epochs.windows()) {
        compare(play, expected);
        compared++;
      }
    }
    assertThat(compared).isEqualTo(run.get("expected").size()).isEqualTo(12);
  }

  private static double[] add(Play play, Arm arm, JsonNode instances) {
    double[] sum = new double[2];
    for (Map.Entry<String, JsonNode> instance : instances.properties()) {
      double total = instance.getValue().get(0).asDouble();
      double events = instance.getValue().get(1).asDouble();
      play.instance(arm, instance.getKey(), total, events);
      sum[0] += total;
      sum[1] += events;
    }
    return sum;
  }

  private static void compare(Play play, JsonNode expected) {
    String at = "after " + play.epochs.windows();
    close(at, play.dispersion.phi(), expected.get("phi"));
    JsonNode phis = expected.get("phis");
    assertThat(play.epochs.size()).isEqualTo(phis.size());
    Tempering limit = play.dispersion.againstLimit();
    close(at + " limit", limit.phi(), expected.get("limitPhi"));
    for (int k = 0; k < phis.size(); k++) {
      close(at + ", snapshot " + k, play.dispersion.phi(k), phis.get(k));
      assertThat(play.dispersion.phiAtLeast(k))
          .isBetween(1.0, play.dispersion.phi(k) * (1 + 1e-12));
      close(at + ", limit " + k, limit.phi(k), expected.get("limitPhis").get(k));
    }
    close(at, play.harm.fullLogE(play.dispersion), expected.get("logE"));
  }

  private static void close(String name, double actual, JsonNode expected) {
    double value = expected.asDouble();
    assertThat(Math.abs(actual - value))
        .as("%s: %s, expected %s", name, actual, value)
        .isLessThanOrEqualTo(1e-9 * Math.abs(value));
  }
}
