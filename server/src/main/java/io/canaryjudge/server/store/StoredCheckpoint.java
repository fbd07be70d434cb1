package io.canaryjudge.server.store;

import java.util.Arrays;
import java.util.Objects;

/**
 * The evidence of a run as of one revision. Only the newest is kept.
 *
 * @param revision the revision after which it was taken
 * @param content opaque to the store; not copied, so not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never changed, large
public record StoredCheckpoint(long revision, byte[] content) {

  @Override
  public boolean equals(Object other) {
    return other instanceof StoredCheckpoint checkpoint
        && revision == checkpoint.revision
        && Arrays.equals(content, checkpoint.content);
  }

  @Override
  public int hashCode() {
    return Objects.hash(revision, Arrays.hashCode(content));
  }
}
