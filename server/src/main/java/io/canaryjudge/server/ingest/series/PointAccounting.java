package io.canaryjudge.server.ingest.series;

import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;

/**
 * Counts points by what became of them, by door: received = taken + repeated + shadowed + unmatched
 * + refused.
 */
public interface PointAccounting {

  /** Points came. */
  void received(Door door, long points);

  /** They count in a run, or where they stand is known from now on. */
  void taken(Door door, long points);

  /** They had come before. */
  void repeated(Door door, long points);

  /** Another series of the same instance counts the same requests. */
  void shadowed(Door door, long points);

  /** No open run is made of them. */
  void unmatched(Door door, long points);

  /** They were refused. */
  void refused(Door door, Refusal reason, long points);
}
