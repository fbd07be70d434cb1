package io.canaryjudge.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/**
 * The terminal. On one that can, the state of a run is a block that is written over; elsewhere it
 * is a line every other second. Thread-safe.
 */
final class Screen {

  private static final int WIDTH = 118;
  private static final long PLAIN_INTERVAL_NANOS = 2_000_000_000L;

  private final PrintStream out;
  private final boolean redraws;
  private final boolean colour;
  private int blockLines;
  private long plainDueNanos;

  /**
   * Makes a screen.
   *
   * @param terminal whether {@code out} is a terminal
   * @param environment for NO_COLOR (no-color.org) and TERM
   */
  Screen(PrintStream out, boolean terminal, Map<String, String> environment) {
    this.out = out;
    this.redraws = terminal && !"dumb".equals(environment.get("TERM"));
    this.colour = redraws && environment.getOrDefault("NO_COLOR", "").isEmpty();
  }

  boolean colour() {
    return colour;
  }

  /** Writes a line that stays. */
  synchronized void say(String line) {
    erase();
    out.println(line);
    out.flush();
  }

  /**
   * Shows the present state.
   *
   * @param block for a terminal: written over the previous one
   * @param line for everything else: written every other second
   */
  synchronized void show(List<String> block, String line) {
    if (redraws) {
      erase();
      // Cut, because a wrapped line would be one more than is erased.
      block.forEach(one -> out.println(one.length() > WIDTH ? one.substring(0, WIDTH) : one));
      blockLines = block.size();
      out.flush();
    } else if (System.nanoTime() - plainDueNanos >= 0) {
      out.println(line);
      out.flush();
      plainDueNanos = System.nanoTime() + PLAIN_INTERVAL_NANOS;
    }
  }

  /** Begins a new state: the next one is shown at once, below. */
  synchronized void begin() {
    erase();
    plainDueNanos = System.nanoTime();
  }

  private void erase() {
    if (blockLines > 0) {
      // ANSI: cursor up that many lines, then clear to the end of the screen.
      out.print("\u001b[" + blockLines + "A\u001b[J");
      blockLines = 0;
    }
  }
}
