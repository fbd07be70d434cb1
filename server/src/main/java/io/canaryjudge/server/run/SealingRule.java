package io.canaryjudge.server.run;

/**
 * When windows are complete. Live windows are sealed by the clock; those of a retrospective run by
 * what its producers say, so that it can run as fast as they send.
 */
sealed interface SealingRule {

  /** Never. */
  long NEVER = Long.MAX_VALUE;

  /** How many windows are complete. */
  long complete(long nowMillis, Producers producers, OpenWindows windows);

  /** When the first window that is not sealed will be complete, if the clock alone decides it. */
  long nextMillis(OpenWindows windows);

  /** Whether windows up to an index may be missing samples because the judge was out of reach. */
  boolean interrupted(long index);

  /** Takes note that the judge was out of reach until a moment, epoch milliseconds. */
  void interruptedUntil(long millis);

  static SealingRule of(RunTerms terms, int producerCount, long graceMillis) {
    return terms.retrospective()
        ? new ByProducers(terms, producerCount)
        : new ByClock(terms, graceMillis);
  }

  /**
   * A window is complete some time after its end. After an interruption producers have a grace to
   * come back and to send what they kept; and whatever is missing of windows that began before the
   * end of that grace is not held against the arms.
   */
  final class ByClock implements SealingRule {

    private final RunTerms terms;
    private final long graceMillis;
    private long heldUntilMillis = Long.MIN_VALUE;
    private long interruptedBelow;

    ByClock(RunTerms terms, long graceMillis) {
      this.terms = terms;
      this.graceMillis = graceMillis;
    }

    @Override
    public long complete(long nowMillis, Producers producers, OpenWindows windows) {
      return nowMillis < heldUntilMillis
          ? 0
          : Math.max(0, terms.window(nowMillis - terms.latenessMillis()));
    }

    @Override
    public long nextMillis(OpenWindows windows) {
      return Math.max(
          heldUntilMillis, terms.windowStart(windows.sealed() + 1) + terms.latenessMillis());
    }

    @Override
    public boolean interrupted(long index) {
      return index < interruptedBelow;
    }

    @Override
    public void interruptedUntil(long millis) {
      heldUntilMillis = millis + graceMillis;
      interruptedBelow = terms.window(heldUntilMillis) + 1;
    }
  }

  /**
   * A window is complete when no producer sends anything for it any more. As many producers as the
   * run was created with have to open first, or the first one would seal what the others bring.
   */
  final class ByProducers implements SealingRule {

    private final RunTerms terms;
    private final int producerCount;
    private boolean quiet;

    ByProducers(RunTerms terms, int producerCount) {
      this.terms = terms;
      this.producerCount = producerCount;
    }

    @Override
    public long complete(long nowMillis, Producers producers, OpenWindows windows) {
      if (ended(producers)) {
        return terms.endDeclared() ? terms.windowsToEnd() : windows.lastWindow() + 1;
      }
      long watermarkMillis = producers.watermarkMillis(producerCount);
      return watermarkMillis < terms.startMillis()
          ? 0
          : terms.window(Math.min(watermarkMillis, terms.endMillis()));
    }

    /** Whether no producer sends anything any more. */
    boolean ended(Producers producers) {
      long watermarkMillis = producers.watermarkMillis(producerCount);
      return quiet
          || watermarkMillis == Long.MAX_VALUE
          || (terms.endDeclared() && watermarkMillis >= terms.endMillis());
    }

    /**
     * When quiet means that nothing more comes, epoch milliseconds; {@link #NEVER} if it never
     * does. Telemetry has nobody who says that something was the last of it.
     *
     * @param activeMillis when something came last
     */
    long quietMillis(Producers producers, OpenWindows windows, long activeMillis, long patience) {
      boolean any = windows.sealed() > 0 || windows.lastWindow() >= 0;
      return any && terms.endDeclared() && !terms.pulled() && producers.allTelemetry()
          ? Math.max(terms.endMillis(), activeMillis + patience)
          : NEVER;
    }

    /** Nothing more comes. */
    void quiet() {
      quiet = true;
    }

    @Override
    public long nextMillis(OpenWindows windows) {
      return NEVER;
    }

    @Override
    public boolean interrupted(long index) {
      return false;
    }

    @Override
    public void interruptedUntil(long millis) {}
  }
}
