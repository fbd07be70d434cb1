package io.canaryjudge.server.store;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What became of one run since its last commit. Everything of it becomes durable, or nothing.
 *
 * @param runId the run
 * @param number 1, 2, 3, … for each run. If the outcome of a commit is unknown (the connection
 *     broke while it was under way) the same commit is made again under the same number: one that
 *     had come through is skipped then. Any other number is refused, since it shows that somebody
 *     else writes this run
 * @param segment samples accepted since the last commit; null if none
 * @param revision newest position of the run's log, at least that of the commit before
 * @param sealedWindows how many windows are sealed as of {@code revision}
 * @param entries new log entries, ascending, all above the revision of the commit before and up to
 *     {@code revision}. A missing revision stands for an empty window that was sealed; such a
 *     window may be given as well
 * @param verdicts verdicts to keep, ascending
 * @param checkpoint the evidence as of {@code revision}; null to keep the one before
 * @param producers whose batches are in {@code segment} or before, by name; those not named stay
 * @param notes what was noted anew with {@code segment}; notes that are not in it stay, and null if
 *     nothing was. All are dropped by the commit whose {@code status} says that the run has ended
 * @param status what changed of the run; null if nothing
 * @param audit who did what
 */
public record RunCommit(
    String runId,
    long number,
    @Nullable Segment segment,
    long revision,
    long sealedWindows,
    List<StoredEntry> entries,
    List<StoredVerdict> verdicts,
    @Nullable StoredCheckpoint checkpoint,
    SortedMap<String, ProducerProgress> producers,
    @Nullable NotePage notes,
    @Nullable RunStatus status,
    List<AuditRow> audit) {

  /** Copies the collections, and checks what can be checked without the store. */
  public RunCommit {
    entries = List.copyOf(entries);
    verdicts = List.copyOf(verdicts);
    producers = Collections.unmodifiableSortedMap(new TreeMap<>(producers));
    audit = List.copyOf(audit);
    if (!(number >= 1)) {
      throw new IllegalArgumentException("number: " + number + " (expected: at least 1)");
    }
    if (!(sealedWindows >= 0 && sealedWindows <= revision)) {
      throw new IllegalArgumentException(
          "sealedWindows: " + sealedWindows + " (expected: in [0, " + revision + "])");
    }
    if (checkpoint != null && checkpoint.revision() != revision) {
      throw new IllegalArgumentException(
          "checkpoint: at " + checkpoint.revision() + " (expected: at " + revision + ")");
    }
    requireAscending("entries", entries.stream().mapToLong(StoredEntry::revision), revision);
    requireAscending("verdicts", verdicts.stream().mapToLong(StoredVerdict::revision), revision);
  }

  private static void requireAscending(String field, LongStream revisions, long last) {
    long before = 0;
    for (long revision : revisions.toArray()) {
      if (!(revision > before && revision <= last)) {
        throw new IllegalArgumentException(
            field + ": " + revision + " (expected: in [" + (before + 1) + ", " + last + "])");
      }
      before = revision;
    }
  }
}
