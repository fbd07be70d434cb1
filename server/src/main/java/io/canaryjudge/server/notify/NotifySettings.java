package io.canaryjudge.server.notify;

import java.time.Duration;
import java.util.List;

/**
 * Who is told, and how.
 *
 * @param targets the receivers
 * @param publicUrl where people and tools reach this server, without a slash at the end; empty if
 *     unknown. The source of events, and the beginning of links
 * @param timeout how long an attempt may take
 * @param maxAge age at which a notification that was not taken is given up
 * @param retention how long those that were delivered or given up are kept
 * @param concurrency attempts at once for each target
 * @param maxWaiting notifications that may wait for each target; more are given up at once
 */
public record NotifySettings(
    List<Target> targets,
    String publicUrl,
    Duration timeout,
    Duration maxAge,
    Duration retention,
    int concurrency,
    int maxWaiting) {

  /** Copies the list. */
  public NotifySettings {
    targets = List.copyOf(targets);
  }
}
