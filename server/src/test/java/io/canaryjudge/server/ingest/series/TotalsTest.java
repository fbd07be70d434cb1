package io.canaryjudge.server.ingest.series;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TotalsTest {

  private static Totals known(Totals.Difference difference) {
    return ((Totals.Difference.Known) difference).totals();
  }

  @Test
  void exponentialDifferencesFindTheirBuckets() {
    Totals.Exponential before = new Totals.Exponential(2, 0, 1, 4, new long[] {1, 0, 2});
    Totals.Exponential now = new Totals.Exponential(2, 0, 3, 3, new long[] {5, 1, 0, 7, 9});
    Totals.Exponential difference = (Totals.Exponential) known(now.since(before));
    assertThat(difference.zeroCount()).isEqualTo(2);
    assertThat(difference.offset()).isEqualTo(3);
    assertThat(difference.counts()).containsExactly(5, 0, 0, 5, 9);
  }

  @Test
  void aScaleThatWasLoweredLowersTheEarlierTotal() {
    // At scale 1, buckets -3..2; at scale 0 two of them make one: -2, -2, -1, -1, 0, 0, 1.
    Totals.Exponential before = new Totals.Exponential(1, 0, 0, -3, new long[] {1, 2, 3, 4, 5, 6});
    Totals.Exponential now = new Totals.Exponential(0, 0, 0, -2, new long[] {1, 5, 9, 10});
    Totals.Exponential difference = (Totals.Exponential) known(now.since(before));
    assertThat(difference.scale()).isZero();
    assertThat(difference.count()).isEqualTo(25 - 21);
    assertThat(difference.counts()).containsExactly(0, 0, 0, 4);
  }

  @Test
  void bucketsThatVanishedAreADecrease() {
    Totals.Exponential before = new Totals.Exponential(2, 0, 0, 4, new long[] {1});
    Totals.Exponential now = new Totals.Exponential(2, 0, 0, 9, new long[] {8});
    assertThat(now.since(before)).isEqualTo(new Totals.Difference.Not(Totals.Unknown.DECREASED));
  }

  @Test
  void anotherZeroBucketCannotBeCompared() {
    Totals.Exponential before = new Totals.Exponential(2, 0, 0, 4, new long[] {1});
    Totals.Exponential now = new Totals.Exponential(2, 0.5, 0, 4, new long[] {8});
    assertThat(now.since(before))
        .isEqualTo(new Totals.Difference.Not(Totals.Unknown.OTHER_BUCKETS));
  }

  /** Whatever is added to a histogram comes out as the difference, at the coarser scale. */
  @Test
  void whatIsAddedIsTheDifference() {
    Random random = new Random(7);
    for (int round = 0; round < 2_000; round++) {
      int scale = random.nextInt(7) - 2;
      int lower = scale - random.nextInt(3);
      int offset = random.nextInt(40) - 20;
      long[] before = counts(random);
      long[] added = counts(random);
      int addedOffset = random.nextInt(40) - 20;
      Totals.Exponential first = new Totals.Exponential(scale, 0, 3, offset, before);
      Totals.Exponential more = new Totals.Exponential(scale, 0, 4, addedOffset, added);
      Totals.Exponential sum = lowered(sum(first, more), lower);
      Totals.Exponential difference = (Totals.Exponential) known(sum.since(first));
      assertThat(trimmed(difference)).isEqualTo(trimmed(lowered(more, lower)));
    }
  }

  private static long[] counts(Random random) {
    return random.longs(1 + random.nextInt(12), 0, 5).toArray();
  }

  private static Totals.Exponential sum(Totals.Exponential a, Totals.Exponential b) {
    int first = Math.min(a.offset(), b.offset());
    int last = Math.max(a.offset() + a.counts().length, b.offset() + b.counts().length);
    long[] counts = new long[last - first];
    for (Totals.Exponential each : new Totals.Exponential[] {a, b}) {
      for (int i = 0; i < each.counts().length; i++) {
        counts[each.offset() + i - first] += each.counts()[i];
      }
    }
    return new Totals.Exponential(a.scale(), 0, a.zeroCount() + b.zeroCount(), first, counts);
  }

  private static Totals.Exponential lowered(Totals.Exponential totals, int scale) {
    int factor = 1 << (totals.scale() - scale);
    int first = Math.floorDiv(totals.offset(), factor);
    int last = Math.floorDiv(totals.offset() + totals.counts().length - 1, factor);
    long[] counts = new long[last - first + 1];
    for (int i = 0; i < totals.counts().length; i++) {
      counts[Math.floorDiv(totals.offset() + i, factor) - first] += totals.counts()[i];
    }
    return new Totals.Exponential(scale, 0, totals.zeroCount(), first, counts);
  }

  private static String trimmed(Totals.Exponential totals) {
    StringBuilder text = new StringBuilder(totals.scale() + " zero " + totals.zeroCount());
    for (int i = 0; i < totals.counts().length; i++) {
      if (totals.counts()[i] != 0) {
        text.append(' ').append(totals.offset() + i).append(':').append(totals.counts()[i]);
      }
    }
    return text.toString();
  }
}
