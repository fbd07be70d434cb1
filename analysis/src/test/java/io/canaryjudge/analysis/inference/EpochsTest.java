package io.canaryjudge.analysis.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EpochsTest {
  @Test
  void aSnapshotIsDueAfterEachEpoch() {
    Epochs epochs = Epochs.openEnded(3);
    List<Boolean> due = new ArrayList<>();
    for (int window = 0; window < 8; window++) {
      due.add(epochs.beginWindow());
    }
    assertThat(due).containsExactly(false, false, false, true, false, false, true, false);
    assertThat(epochs.size()).isEqualTo(2);
    assertThat(epochs.startWindow(0)).isEqualTo(3);
    assertThat(epochs.startWindow(1)).isEqualTo(6);
    assertThat(epochs.windows()).isEqualTo(8);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 4, 5, 9, 60, 1440})
  void theWeightsUpToAHorizonSumToAtMostOne(long horizonEpochs) {
    Epochs epochs = Epochs.withHorizon(2, 2 * horizonEpochs);
    double sum = StrictMath.exp(epochs.baseLogWeight());
    int snapshots = 0;
    for (int window = 0; window < 2 * horizonEpochs + 100; window++) {
      if (epochs.beginWindow()) {
        sum += StrictMath.exp(epochs.logWeight(epochs.size() - 1));
        snapshots++;
      }
    }
    assertThat(snapshots).isEqualTo((int) horizonEpochs);
    assertThat(sum).isLessThanOrEqualTo(1 + 1e-12);
    assertThat(sum).isCloseTo(horizonEpochs > 0 && horizonEpochs < 5 ? 0.75 : 1, within(1e-12));
  }

  @Test
  void theWeightsWithoutAHorizonSumToLessThanOne() {
    Epochs epochs = Epochs.openEnded(1);
    double sum = StrictMath.exp(epochs.baseLogWeight());
    assertThat(sum).isEqualTo(0.5);
    for (int window = 0; window < 100_000; window++) {
      if (epochs.beginWindow()) {
        sum += StrictMath.exp(epochs.logWeight(epochs.size() - 1));
      }
    }
    // What the series still hold after n terms is about mass / (c ln n), with c = 2.1097.
    double later = 0.25 / 2.1097 * (1 / StrictMath.log(1e5) + 1 / StrictMath.log(2e4));
    assertThat(sum).isLessThan(1).isCloseTo(1 - later, within(1e-3));
  }

  @Test
  void olderSnapshotsAreThinned() {
    Epochs epochs = Epochs.openEnded(1);
    int most = 0;
    for (int window = 0; window < 48; window++) {
      epochs.beginWindow();
    }
    assertThat(epochs.size()).isEqualTo(47);
    for (int window = 48; window <= 2000; window++) {
      epochs.beginWindow();
      most = Math.max(most, epochs.size());
    }
    List<Long> ages = new ArrayList<>();
    for (int k = 0; k < epochs.size(); k++) {
      assertThat(k == 0 || epochs.startWindow(k) > epochs.startWindow(k - 1)).isTrue();
      ages.add(2000 - epochs.startWindow(k));
    }
    assertThat(ages).contains(0L, 1L, 19L, 20L);
    assertThat(ages.stream().filter(age -> age > 20 && age <= 100)).hasSize(16);
    assertThat(ages.stream().filter(age -> age > 100 && age <= 400)).hasSize(15);
    assertThat(ages.stream().filter(age -> age > 400 && age <= 1600)).hasSize(15);
    assertThat(ages.stream().filter(age -> age > 1600)).allMatch(age -> (2000 - age) % 320 == 0);
    assertThat(most).isLessThanOrEqualTo(72);
  }

  @Test
  void theNumberOfSnapshotsGrowsWithTheLogarithmOfTheRun() {
    Epochs epochs = Epochs.openEnded(1);
    for (int window = 0; window < 1_000_000; window++) {
      epochs.beginWindow();
    }
    assertThat(epochs.size()).isLessThan(160);
  }

  @Test
  void aMinuteIsAWholeNumberOfWindows() {
    assertThat(Epochs.windowsPerMinute(5_000)).isEqualTo(12);
    assertThat(Epochs.windowsPerMinute(1_000)).isEqualTo(60);
    assertThat(Epochs.windowsPerMinute(7_000)).isEqualTo(9);
    assertThat(Epochs.windowsPerMinute(3_600_000)).isEqualTo(1);
  }

  @Test
  void aFollowerOutOfStepIsRefused() {
    Epochs epochs = Epochs.openEnded(1);
    EvidenceWindows evidence = new EvidenceWindows(epochs);
    assertThatThrownBy(evidence::snapshot).isInstanceOf(IllegalStateException.class);
    epochs.beginWindow();
    epochs.beginWindow();
    evidence.snapshot();
    assertThatThrownBy(evidence::snapshot).isInstanceOf(IllegalStateException.class);
    epochs.beginWindow();
    epochs.beginWindow();
    assertThatThrownBy(evidence::snapshot).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesWhatIsNoSchedule() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Epochs.openEnded(0))
        .withMessage("windowsPerEpoch: 0 (expected: >= 1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Epochs.withHorizon(1, -1))
        .withMessage("horizonWindows: -1 (expected: >= 0)");
    assertThatThrownBy(() -> Epochs.openEnded(1).startWindow(0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
