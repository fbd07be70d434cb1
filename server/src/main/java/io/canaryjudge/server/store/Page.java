package io.canaryjudge.server.store;

import java.util.List;

/**
 * A part of a longer list.
 *
 * @param <T> what is listed
 * @param items in the order of the list; may be empty only on the last page
 * @param nextPageToken opaque; asks for what follows; empty exactly on the last page
 */
public record Page<T>(List<T> items, String nextPageToken) {

  /** Copies the items. */
  public Page {
    items = List.copyOf(items);
  }
}
