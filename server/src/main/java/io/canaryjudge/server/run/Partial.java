package io.canaryjudge.server.run;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one stream collected since the last commit: whole batches, merged. */
final class Partial {

  private final Map<Key, Cell> cells = new HashMap<>();
  private final List<Rejection> rejections = new ArrayList<>();
  private final List<Note> notes = new ArrayList<>();
  private final List<byte[]> contents = new ArrayList<>(); // of the notes
  private final Tally tally = new Tally();
  private long heapBytes;
  private long lastSequence;
  private long watermarkMillis;
  private boolean last;

  private record Key(RunSeries series, long window) {}

  @Nullable Cell find(RunSeries series, long window) {
    return cells.get(new Key(series, window));
  }

  void add(Cell cell) {
    cells.put(new Key(cell.series(), cell.window()), cell);
  }

  /** Counts memory that its cells need. */
  void grow(long bytes) {
    heapBytes += bytes;
  }

  /** Memory that its cells need, in bytes. */
  long heapBytes() {
    return heapBytes;
  }

  /** Parts from series and notes, which would keep it alive: nothing is added any more. */
  void close() {
    for (Cell cell : cells.values()) {
      cell.series().setCell(null);
    }
    notes.forEach(Note::close);
  }

  /** Closes a batch: it is part of this from now on. */
  void complete(long sequence, long batchWatermarkMillis, boolean lastBatch) {
    lastSequence = sequence;
    watermarkMillis = Math.max(watermarkMillis, batchWatermarkMillis);
    last |= lastBatch;
  }

  boolean isEmpty() {
    return lastSequence == 0;
  }

  Collection<Cell> cells() {
    return cells.values();
  }

  /** Adds a note; returns its place. */
  int note(Note note, byte[] content) {
    notes.add(note);
    contents.add(content);
    return contents.size() - 1;
  }

  /** Replaces a note. */
  void renote(int place, byte[] content) {
    contents.set(place, content);
  }

  /** Hands over what was noted. */
  void addNotesTo(RunNotes all) {
    for (int i = 0; i < notes.size(); i++) {
      all.add(notes.get(i).entry(), contents.get(i));
    }
  }

  List<Rejection> rejections() {
    return rejections;
  }

  Tally tally() {
    return tally;
  }

  /** The last batch in it; 0 if there is none. */
  long lastSequence() {
    return lastSequence;
  }

  /** The highest watermark in it, epoch milliseconds; 0 if there is none. */
  long watermarkMillis() {
    return watermarkMillis;
  }

  /** Whether it holds the producer's last batch. */
  boolean last() {
    return last;
  }
}
