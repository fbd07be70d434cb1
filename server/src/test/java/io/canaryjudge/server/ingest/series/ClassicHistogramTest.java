package io.canaryjudge.server.ingest.series;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Buckets are series of their own, and come in any order and in several requests. */
class ClassicHistogramTest {

  private static final double INF = Double.POSITIVE_INFINITY;

  private ClassicHistogram histogram = new ClassicHistogram();

  private ClassicHistogram.@Nullable Scrape take(long time, double bound, long count) {
    return take(time, bound, count, 0);
  }

  private ClassicHistogram.@Nullable Scrape take(long time, double bound, long count, int likely) {
    assertThat(histogram.knows(time, bound)).isFalse();
    return histogram.take(
        new SeriesPoint(
            "duration",
            "",
            Labels.NONE,
            Temporality.CUMULATIVE,
            0,
            time,
            new PointValue.ClassicBucket(bound, count)),
        bound,
        count,
        likely);
  }

  private ClassicHistogram.@Nullable Scrape firstScrapeAndOneMoreBucket() {
    assertThat(take(10, 0.1, 3)).isNull();
    assertThat(take(10, 0.5, 7)).isNull();
    assertThat(take(10, INF, 9)).isNull();
    return take(20, 0.1, 4);
  }

  private void newbornScrape() {
    assertThat(take(10, 0.1, 3, 3)).isNull();
    assertThat(take(10, 0.5, 7, 3)).isNull();
    assertThat(take(10, INF, 9, 3)).isNotNull();
  }

  @Test
  void theFirstScrapeIsCompleteWhenTheNextBegins() {
    ClassicHistogram.Scrape first = firstScrapeAndOneMoreBucket();
    assertThat(first).isNotNull();
    assertThat(first.timeNanos()).isEqualTo(10);
    assertThat(first.totals().upperBounds()).containsExactly(0.1, 0.5);
    assertThat(first.totals().counts()).containsExactly(3, 4, 2);
  }

  @Test
  void laterScrapesAreCompleteWithTheirLastBucketInAnyOrder() {
    firstScrapeAndOneMoreBucket();
    assertThat(take(20, INF, 12)).isNull();
    ClassicHistogram.Scrape second = take(20, 0.5, 8);
    assertThat(second).isNotNull();
    assertThat(second.timeNanos()).isEqualTo(20);
    assertThat(second.totals().counts()).containsExactly(4, 4, 4);
  }

  @Test
  void aNewbornSeriesIsCompleteAtOnceWhereItsLikeIsKnown() {
    newbornScrape();
  }

  @Test
  void repeatsAreKnown() {
    newbornScrape();
    assertThat(histogram.knows(10, 0.1)).isTrue();
    assertThat(histogram.knows(9, 0.1)).isTrue();
    assertThat(histogram.knows(11, 0.1)).isFalse();
  }

  @Test
  void outlivesARestartInTheMiddleOfAScrape() {
    newbornScrape();
    take(20, 0.1, 5);
    take(20, INF, 15);
    Notes.Series read = Notes.readSeries(Notes.write(new SeriesState(), histogram));
    histogram = java.util.Objects.requireNonNull(read.classic());
    assertThat(histogram.knows(20, 0.1)).isTrue();
    ClassicHistogram.Scrape scrape = take(20, 0.5, 9);
    assertThat(scrape).isNotNull();
    assertThat(scrape.totals().counts()).containsExactly(5, 4, 6);
  }
}
