package io.canaryjudge.server.store;

import java.util.Arrays;
import java.util.Objects;

/**
 * What a run accepted since its last commit: the merged partial aggregates of its open windows. One
 * for each commit, however many samples came.
 *
 * @param firstWindow lowest window it touches, at least 0
 * @param lastWindow highest window it touches, at least {@code firstWindow}: the segment is dropped
 *     once this one is sealed
 * @param content opaque to the store; not copied, so not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never changed, large
public record Segment(long firstWindow, long lastWindow, byte[] content) {

  /** Checks the windows. */
  public Segment {
    if (!(firstWindow >= 0 && lastWindow >= firstWindow)) {
      throw new IllegalArgumentException(
          "windows: " + firstWindow + ".." + lastWindow + " (expected: 0 <= first <= last)");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Segment segment
        && firstWindow == segment.firstWindow
        && lastWindow == segment.lastWindow
        && Arrays.equals(content, segment.content);
  }

  @Override
  public int hashCode() {
    return Objects.hash(firstWindow, lastWindow, Arrays.hashCode(content));
  }
}
