package io.canaryjudge.server.ingest.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.run.Refusal;
import org.junit.jupiter.api.Test;

/** A point counts once, and a running total counts what is new. */
class SeriesStateTest {

  private static final long SECOND = 1_000_000_000L;

  private final SeriesState state = new SeriesState();

  private SeriesState.Step cumulative(long startSecond, long second, long count) {
    return take(Temporality.CUMULATIVE, startSecond, second, count, false, 0);
  }

  private SeriesState.Step delta(long startSecond, long second, long count) {
    return take(Temporality.DELTA, startSecond, second, count, false, 0);
  }

  private SeriesState.Step take(
      Temporality temporality,
      long startSecond,
      long second,
      long count,
      boolean newborn,
      long processStartSecond) {
    return state.take(
        new SeriesPoint(
            "requests",
            "1",
            Labels.NONE,
            temporality,
            startSecond * SECOND,
            second * SECOND,
            new PointValue.Count(count)),
        new Totals.Events(count),
        newborn,
        processStartSecond * SECOND);
  }

  private static SeriesState.Step counted(long count, long second) {
    return new SeriesState.Step.Counted(new Totals.Events(count), second * SECOND);
  }

  @Test
  void countsWhatIsNewSinceThePointBefore() {
    assertThat(cumulative(0, 10, 1_000)).isEqualTo(new SeriesState.Step.Baseline());
    assertThat(cumulative(0, 20, 1_030)).isEqualTo(counted(30, 20));
    assertThat(cumulative(0, 30, 1_030)).isEqualTo(counted(0, 30));
    assertThat(cumulative(0, 40, 1_031)).isEqualTo(counted(1, 40));
  }

  @Test
  void countsAllOfANewbornSeries() {
    assertThat(take(Temporality.CUMULATIVE, 0, 10, 7, true, 0)).isEqualTo(counted(7, 10));
    assertThat(cumulative(0, 20, 9)).isEqualTo(counted(2, 20));
  }

  @Test
  void aFlushThatIsSentAgainAtShutdownCountsOnce() {
    cumulative(1, 10, 100);
    assertThat(cumulative(1, 20, 150)).isEqualTo(counted(50, 20));
    assertThat(cumulative(1, 20, 150)).isEqualTo(new SeriesState.Step.Repeated());
    assertThat(cumulative(1, 15, 120)).isEqualTo(new SeriesState.Step.Repeated());
    assertThat(cumulative(1, 30, 160)).isEqualTo(counted(10, 30));
  }

  @Test
  void aLowerTotalWithoutAStartTimeIsARestart() {
    cumulative(0, 10, 100);
    assertThat(cumulative(0, 20, 4)).isEqualTo(counted(4, 20));
    assertThat(cumulative(0, 30, 9)).isEqualTo(counted(5, 30));
  }

  @Test
  void aLaterStartTimeIsARestartEvenWithAHigherTotal() {
    cumulative(1, 10, 100);
    assertThat(cumulative(12, 20, 130)).isEqualTo(counted(130, 20));
    assertThat(cumulative(12, 30, 131)).isEqualTo(counted(1, 30));
  }

  @Test
  void aLaterStartOfItsProcessIsARestartEvenWithAHigherTotal() {
    cumulative(0, 10, 100);
    assertThat(take(Temporality.CUMULATIVE, 0, 20, 130, false, 15)).isEqualTo(counted(130, 20));
    assertThat(take(Temporality.CUMULATIVE, 0, 30, 131, false, 15)).isEqualTo(counted(1, 30));
  }

  @Test
  void aLowerTotalWithTheSameStartTimeIsRefusedAndCountedFromThere() {
    cumulative(1, 10, 100);
    assertThat(cumulative(1, 20, 90))
        .isInstanceOfSatisfying(
            SeriesState.Step.Refused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo(Refusal.NEGATIVE);
              assertThat(refused.example()).contains("90 after 100");
            });
    assertThat(cumulative(1, 30, 95)).isEqualTo(counted(5, 30));
  }

  @Test
  void deltasCountAsTheyAre() {
    assertThat(delta(0, 10, 5)).isEqualTo(counted(5, 10));
    assertThat(delta(10, 20, 6)).isEqualTo(counted(6, 20));
    assertThat(delta(10, 20, 6)).isEqualTo(new SeriesState.Step.Repeated());
    assertThat(delta(20, 30, 0)).isEqualTo(counted(0, 30));
  }

  @Test
  void deltasThatOverlapAreRefused() {
    delta(0, 10, 5);
    assertThat(delta(5, 20, 9))
        .isInstanceOfSatisfying(
            SeriesState.Step.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(Refusal.MALFORMED));
  }

  @Test
  void bucketsThatChangeLoseOneIntervalAndNoMore() {
    assertThat(explicit(10, new double[] {1, 2}, 5, 5, 0))
        .isInstanceOf(SeriesState.Step.Baseline.class);
    assertThat(explicit(20, new double[] {1, 2, 4}, 6, 5, 1, 0))
        .isInstanceOfSatisfying(
            SeriesState.Step.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(Refusal.BAD_HISTOGRAM));
    assertThat(explicit(30, new double[] {1, 2, 4}, 6, 7, 1, 1))
        .isInstanceOfSatisfying(
            SeriesState.Step.Counted.class,
            counted ->
                assertThat(((Totals.Explicit) counted.totals()).counts())
                    .containsExactly(0, 2, 0, 1));
  }

  private SeriesState.Step explicit(long second, double[] bounds, long... counts) {
    return state.take(
        new SeriesPoint(
            "duration",
            "s",
            Labels.NONE,
            Temporality.CUMULATIVE,
            SECOND,
            second * SECOND,
            new PointValue.Buckets(bounds, counts)),
        new Totals.Explicit(bounds, counts),
        false,
        0);
  }
}
