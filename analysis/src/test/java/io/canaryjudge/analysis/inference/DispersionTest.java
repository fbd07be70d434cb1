package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.canaryjudge.analysis.aggregate.Arm;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DispersionTest {
  private static final int REQUESTS = 200;

  private final Random random = new Random(4);

  @Test
  void independentRequestsAreHardlyInflated() {
    Dispersion dispersion = new Dispersion(0);
    double sum = 0;
    for (int window = 0; window < 400; window++) {
      fold(dispersion, 5, 5, _ -> 0.02);
      assertThat(dispersion.phi()).isGreaterThanOrEqualTo(1);
      assertThat(dispersion.againstLimit().phi()).isGreaterThanOrEqualTo(1);
      sum += dispersion.phi();
    }
    assertThat(sum / 400).isBetween(1.0, 1.8);
  }

  @Test
  void lastingDifferencesInflateInProportionToTheCounts() {
    Dispersion dispersion = new Dispersion(0);
    for (int window = 0; window < 200; window++) {
      fold(dispersion, 5, 5, i -> 0.02 * (0.5 + 0.25 * i));
    }
    double early = dispersion.phi();
    double earlyLimit = dispersion.againstLimit().phi();
    for (int window = 0; window < 600; window++) {
      fold(dispersion, 5, 5, i -> 0.02 * (0.5 + 0.25 * i));
    }
    assertThat(early).isGreaterThan(5);
    assertThat(dispersion.phi() / early).isBetween(3.0, 5.0);
    assertThat(dispersion.againstLimit().phi() / earlyLimit).isBetween(3.0, 5.0);
  }

  @Test
  void aSingleInstanceInEachArmShowsBurstsOverTime() {
    Dispersion dispersion = new Dispersion(0);
    for (int window = 0; window < 100; window++) {
      add(dispersion, Arm.CANARY, 0, window % 10 == 0 ? 0.2 : 0.01);
      add(dispersion, Arm.BASELINE, 0, 0.02);
      dispersion.endWindow();
    }
    assertThat(dispersion.phi()).isGreaterThan(2);
  }

  @Test
  void anOnsetInflatesTheWholeRunAndNotTheWindowSinceThen() {
    Epochs epochs = Epochs.withHorizon(12, 1000);
    Dispersion dispersion = new Dispersion(epochs, 0);
    for (int window = 0; window < 360; window++) {
      if (epochs.beginWindow()) {
        dispersion.snapshot();
      }
      boolean onset = window >= 300;
      for (int i = 0; i < 2; i++) {
        add(dispersion, Arm.CANARY, i, onset ? 0.06 : 0.02);
        add(dispersion, Arm.BASELINE, i, 0.02);
      }
      dispersion.endWindow();
    }
    int since = -1;
    for (int k = 0; k < epochs.size(); k++) {
      since = epochs.startWindow(k) == 300 ? k : since;
    }
    assertThat(dispersion.phi()).isGreaterThan(3);
    assertThat(dispersion.phi(since)).isLessThan(2);
  }

  @Test
  void aPriorInflatesWhereNothingCanBeSeen() {
    Dispersion without = new Dispersion(0);
    Dispersion with = new Dispersion(0.3);
    for (Dispersion dispersion : new Dispersion[] {without, with}) {
      dispersion.add(Arm.CANARY, 0, 1000, 20);
      dispersion.add(Arm.BASELINE, 0, 1000, 20);
      dispersion.endWindow();
    }
    assertThat(without.phi()).isEqualTo(1);
    // c^2 inv H = 0.09 * 2 * (40 / 4)
    assertThat(with.phi()).isEqualTo(1 + 0.09 * 2 * 10);
    assertThat(without.againstLimit().phi()).isEqualTo(1);
    assertThat(with.againstLimit().phi()).isEqualTo(1 + 0.09 * 20 / (980.5 / 1001));
  }

  @Test
  void instancesThatAreGoneOrStillToComeDoNotCount() {
    Dispersion few = new Dispersion(0);
    Dispersion many = new Dispersion(0);
    for (int i = 0; i < 3; i++) {
      few.add(Arm.CANARY, i, 100, 10 + 8 * i);
      few.add(Arm.BASELINE, i, 100, 10 + i);
      many.add(Arm.CANARY, 7 * i, 100, 10 + 8 * i);
      many.add(Arm.BASELINE, 5 * i, 100, 10 + i);
    }
    few.endWindow();
    many.endWindow();
    assertThat(many.phi()).isEqualTo(few.phi()).isGreaterThan(1.2);
  }

  @Test
  void nothingIsInflatedBeforeAnythingWasSeen() {
    Dispersion dispersion = new Dispersion(0);
    assertThat(dispersion.phi()).isEqualTo(1);
    dispersion.endWindow();
    dispersion.add(Arm.CANARY, 0, 100, 100);
    dispersion.add(Arm.CANARY, 1, 100, 100);
    dispersion.endWindow();
    assertThat(dispersion.phi()).isEqualTo(1);
    assertThat(dispersion.againstLimit().phi()).isEqualTo(1);
  }

  @Test
  void refusesWhatAreNoCounts() {
    Dispersion dispersion = new Dispersion(0);
    refused(() -> dispersion.add(Arm.CANARY, 0, 1, 2), "events: 2.0 of 1.0");
    refused(() -> dispersion.add(Arm.CANARY, 0, Double.NaN, 0), "events: 0.0 of NaN");
    refused(() -> dispersion.add(Arm.CANARY, 1000, 1, 0), "instance: 1000");
    refused(() -> new Dispersion(-0.1), "instanceCv: -0.1");
    refused(() -> new Dispersion(Double.NaN), "instanceCv: NaN");
  }

  private static void refused(Runnable action, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(action::run)
        .withMessageContaining(message)
        .withMessageContaining("(expected: ");
  }

  private interface Rates {
    double of(int instance);
  }

  private void fold(Dispersion dispersion, int canaries, int baselines, Rates rates) {
    for (int i = 0; i < canaries; i++) {
      add(dispersion, Arm.CANARY, i, rates.of(i));
    }
    for (int i = 0; i < baselines; i++) {
      add(dispersion, Arm.BASELINE, i, rates.of(i));
    }
    dispersion.endWindow();
  }

  private void add(Dispersion dispersion, Arm arm, int instance, double rate) {
    int events = 0;
    for (int n = 0; n < REQUESTS; n++) {
      events += random.nextDouble() < rate ? 1 : 0;
    }
    dispersion.add(arm, instance, REQUESTS, events);
  }
}
