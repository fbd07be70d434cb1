package io.canaryjudge.cli;

import io.canaryjudge.client.JudgeCallException;
import io.canaryjudge.client.WaitListener;
import io.canaryjudge.proto.v1.MetricVerdict;
import io.canaryjudge.proto.v1.Verdict;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells on standard error how a wait goes: on a terminal one line that is written over, elsewhere a
 * line for each change of decision, reason or step, and one every half minute. Remembers the newest
 * verdict. Thread-safe, because an interrupt reads it from another thread.
 */
final class WaitProgress implements WaitListener {

  private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(30);
  private static final int WIDTH = 100;

  private final PrintWriter err;
  private final boolean redraws;
  private final Duration unreachableAfter;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private @Nullable Verdict newest;
  private String told = "";
  private long toldNanos;
  private long unreachedNanos = Long.MIN_VALUE;
  private boolean drawn;

  /**
   * Starts to count.
   *
   * @param unreachableAfter for how long the judge may be out of reach before the wait ends
   * @param nanoTime as {@link System#nanoTime}
   */
  WaitProgress(PrintWriter err, boolean redraws, Duration unreachableAfter, LongSupplier nanoTime) {
    this.err = err;
    this.redraws = redraws;
    this.unreachableAfter = unreachableAfter;
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
  }

  @Override
  public synchronized void changed(Verdict verdict) {
    newest = verdict;
    unreachedNanos = Long.MIN_VALUE;
    tell(Figures.headline(verdict) + step(verdict), progress(verdict));
  }

  @Override
  public synchronized void outOfReach(JudgeCallException cause) {
    long now = nanoTime.getAsLong();
    if (unreachedNanos == Long.MIN_VALUE) {
      unreachedNanos = now;
    }
    if (now - unreachedNanos >= unreachableAfter.toNanos()) {
      throw cause;
    }
    tell("out of reach", "the judge is out of reach, trying again: " + cause.getMessage());
  }

  /** The newest verdict. */
  synchronized Optional<Verdict> newest() {
    return Optional.ofNullable(newest);
  }

  /** Takes away the line that is written over. */
  synchronized void end() {
    if (drawn) {
      err.print("\r\u001b[K");
      err.flush();
      drawn = false;
    }
  }

  private void tell(String about, String text) {
    long now = nanoTime.getAsLong();
    String line =
        "%5s  %s"
            .formatted(
                SpanConverter.text(Duration.ofSeconds((now - startNanos) / 1_000_000_000)),
                Printable.text(text));
    if (redraws) {
      // Cut, because what is left of a wrapped line would not be written over.
      err.print("\r\u001b[K" + (line.length() > WIDTH ? line.substring(0, WIDTH) : line));
      err.flush();
      drawn = true;
    } else if (!about.equals(told) || now - toldNanos >= PLAIN_INTERVAL.toNanos()) {
      err.println(line);
      err.flush();
      told = about;
      toldNanos = now;
    }
  }

  private static String progress(Verdict verdict) {
    long baseline = 0;
    long canary = 0;
    for (MetricVerdict metric : verdict.getMetricsList()) {
      baseline = Math.max(baseline, metric.getBaselineSampleCount());
      canary = Math.max(canary, metric.getCanarySampleCount());
    }
    String wait =
        verdict.hasExpectedWait()
            ? ", about "
                + SpanConverter.text(Duration.ofSeconds(verdict.getExpectedWait().getSeconds()))
                + " to go"
            : "";
    return Figures.headline(verdict)
        + step(verdict)
        + wait
        + String.format(Locale.ROOT, ", %,d + %,d samples", baseline, canary);
  }

  private static String step(Verdict verdict) {
    return verdict.hasStep()
        ? ", step %d at %s %%"
            .formatted(verdict.getStep().getIndex(), Figures.number(verdict.getStep().getWeight()))
        : "";
  }
}
