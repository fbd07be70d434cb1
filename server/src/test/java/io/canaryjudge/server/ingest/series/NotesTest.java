package io.canaryjudge.server.ingest.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.aggregate.Arm;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NotesTest {

  static Stream<Totals> totals() {
    return Stream.of(
        new Totals.Events(0),
        new Totals.Events(1L << 53),
        new Totals.Explicit(new double[] {0.005, 5}, new long[] {0, 127, 128}),
        new Totals.Exponential(-3, 1e-128, 5, -70, new long[] {1, 0, 1_000_000_000_000L}),
        new Totals.Exponential(20, 0, 0, 0, new long[0]));
  }

  @ParameterizedTest
  @MethodSource("totals")
  void comeBackAsTheyWere(Totals totals) {
    SeriesState read = Notes.readSeries(Notes.write(new SeriesState(3, 4, totals), null)).state();
    assertThat(read.startNanos()).isEqualTo(3);
    assertThat(read.timeNanos()).isEqualTo(4);
    assertThat(read.totals()).usingRecursiveComparison().isEqualTo(totals);
  }

  @Test
  void targetsComeBackAsTheyWere() {
    Target target = new Target(Arm.CANARY, "pod-1", "t/1");
    target.seen(5);
    target.started(2);
    Target read = new Target(Arm.CANARY, "pod-1", "t/1");
    Notes.read(Notes.write(target), read);
    assertThat(read.firstNanos()).isEqualTo(5);
    assertThat(read.startNanos()).isEqualTo(2);
  }
}
