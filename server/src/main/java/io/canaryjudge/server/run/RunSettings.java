package io.canaryjudge.server.run;

/**
 * How runs are kept. None of it can change what a sealed window means for a verdict.
 *
 * @param limits how much a run takes
 * @param sampleMemoryBytes how much memory the samples of all runs may hold until their windows are
 *     sealed and durable
 * @param maxOpenRuns how many runs may be open at once
 * @param commitIntervalMillis how long accepted samples wait for others before they are committed
 *     together
 * @param checkpointWindows sealed windows after which the evidence is written down, so that
 *     recovery has no more than these to fold again
 * @param maxWindowsPerCommit windows of one run that are sealed in one commit
 * @param stallMillis time without a successful round after which the judge was out of reach
 * @param graceMillis how long after that producers have to come back and send what they kept,
 *     before live windows are sealed
 * @param idleMillis time without a batch after which a retrospective run is cancelled
 * @param quietMillis time without a batch after which telemetry that feeds a retrospective run with
 *     a declared end has nothing more for it
 * @param pulls whether the judge can read records itself
 * @param maxMessages requests of people and tools that may wait for one run
 */
public record RunSettings(
    IngestLimits limits,
    long sampleMemoryBytes,
    int maxOpenRuns,
    long commitIntervalMillis,
    int checkpointWindows,
    int maxWindowsPerCommit,
    long stallMillis,
    long graceMillis,
    long idleMillis,
    long quietMillis,
    boolean pulls,
    int maxMessages) {

  /** Sensible settings. */
  public static final RunSettings DEFAULTS =
      new RunSettings(
          IngestLimits.DEFAULTS,
          256L << 20,
          2_000,
          100,
          60,
          1_000,
          2_000,
          5_000,
          3_600_000,
          120_000,
          false,
          256);

  /** These settings with another interval between commits and bound of open runs. */
  public RunSettings with(long newCommitIntervalMillis, int newMaxOpenRuns) {
    return new RunSettings(
        limits,
        sampleMemoryBytes,
        newMaxOpenRuns,
        newCommitIntervalMillis,
        checkpointWindows,
        maxWindowsPerCommit,
        stallMillis,
        graceMillis,
        idleMillis,
        quietMillis,
        pulls,
        maxMessages);
  }

  /** These settings with other limits. */
  public RunSettings with(IngestLimits newLimits) {
    return new RunSettings(
        newLimits,
        sampleMemoryBytes,
        maxOpenRuns,
        commitIntervalMillis,
        checkpointWindows,
        maxWindowsPerCommit,
        stallMillis,
        graceMillis,
        idleMillis,
        quietMillis,
        pulls,
        maxMessages);
  }

  /** These settings with another bound of the memory that samples hold. */
  public RunSettings withSampleMemory(long newSampleMemoryBytes) {
    return new RunSettings(
        limits,
        newSampleMemoryBytes,
        maxOpenRuns,
        commitIntervalMillis,
        checkpointWindows,
        maxWindowsPerCommit,
        stallMillis,
        graceMillis,
        idleMillis,
        quietMillis,
        pulls,
        maxMessages);
  }

  /** These settings with another quiet time. */
  public RunSettings withQuiet(long newQuietMillis) {
    return withRecords(newQuietMillis, pulls);
  }

  /** These settings, where the judge can read records itself, or cannot. */
  public RunSettings withPulls(boolean newPulls) {
    return withRecords(quietMillis, newPulls);
  }

  private RunSettings withRecords(long newQuietMillis, boolean newPulls) {
    return new RunSettings(
        limits,
        sampleMemoryBytes,
        maxOpenRuns,
        commitIntervalMillis,
        checkpointWindows,
        maxWindowsPerCommit,
        stallMillis,
        graceMillis,
        idleMillis,
        newQuietMillis,
        newPulls,
        maxMessages);
  }
}
