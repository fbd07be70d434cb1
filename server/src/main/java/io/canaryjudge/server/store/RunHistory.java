package io.canaryjudge.server.store;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What it takes to go on with a run where its last commit left it.
 *
 * @param run the run
 * @param commits number of its last commit; 0 if there was none
 * @param revision newest position of its log; 0 if it is empty
 * @param sealedWindows how many windows are sealed as of {@code revision}
 * @param checkpoint its newest checkpoint; null if there is none
 * @param entries every log entry after the checkpoint (from the beginning if there is none), empty
 *     windows included, ascending and without gaps
 * @param segments those that touch a window which is not sealed, in the order of their commits.
 *     They may hold parts of sealed windows too, which are in the log already
 * @param producers how far each producer is, by name
 * @param notes what was noted with its samples, by key; none once it has ended
 */
public record RunHistory(
    RunRecord run,
    long commits,
    long revision,
    long sealedWindows,
    @Nullable StoredCheckpoint checkpoint,
    List<StoredEntry> entries,
    List<Segment> segments,
    SortedMap<String, ProducerProgress> producers,
    SortedMap<String, byte[]> notes) {

  /** Copies the collections. */
  public RunHistory {
    entries = List.copyOf(entries);
    segments = List.copyOf(segments);
    producers = Collections.unmodifiableSortedMap(new TreeMap<>(producers));
    notes = Collections.unmodifiableSortedMap(new TreeMap<>(notes));
  }
}
