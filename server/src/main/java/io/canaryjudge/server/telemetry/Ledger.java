package io.canaryjudge.server.telemetry;

import io.canaryjudge.server.run.Door;
import io.canaryjudge.server.run.Refusal;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;

/**
 * Counters, by door, of something that came in and of what became of it. They have to add up, and a
 * gauge shows whether they do.
 *
 * <p>Set up by one thread, then used by any.
 */
final class Ledger {

  private final String prefix;
  private final String things;
  private final String refusedName;
  private final Set<Door> doors;
  private final PrometheusRegistry registry;
  private final Counter received;
  private final Map<String, Counter> outcomes = new LinkedHashMap<>();
  private final Counter refused;
  private final Set<Refusal> refusals;

  /**
   * Registers what came in, and what was refused of it.
   *
   * @param things what is counted, in the plural
   * @param doors by which it comes
   * @param receivedHelp what counts as received
   * @param refusedName name of the outcome "refused"
   * @param refusedHelp what counts as that
   * @param refusals the reasons for it
   */
  Ledger(
      String things,
      Set<Door> doors,
      String receivedHelp,
      String refusedName,
      String refusedHelp,
      Set<Refusal> refusals,
      PrometheusRegistry registry) {
    this.prefix = "canary_judge_" + things + "_";
    this.things = things;
    this.refusedName = refusedName;
    this.doors = doors;
    this.registry = registry;
    this.refusals = refusals;
    this.received = byDoor("received", receivedHelp);
    this.refused =
        Counter.builder()
            .name(prefix + refusedName + "_total")
            .help(refusedHelp)
            .labelNames("door", "reason")
            .register(registry);
    for (Door door : doors) {
      for (Refusal reason : refusals) {
        refused.initLabelValues(door.label(), reason.label());
      }
    }
    GaugeWithCallback.builder()
        .name(prefix + "unaccounted")
        .help(
            Character.toUpperCase(things.charAt(0))
                + things.substring(1)
                + " received less those with an outcome. Must be 0.")
        .labelNames("door")
        .callback(callback -> doors.forEach(door -> callback.call(unaccounted(door), door.label())))
        .register(registry);
  }

  /** Registers an outcome. */
  Counter outcome(String name, String help) {
    Counter counter = byDoor(name, help);
    outcomes.put(name, counter);
    return counter;
  }

  void received(Door door, long count) {
    received.labelValues(door.label()).inc(count);
  }

  void refused(Door door, Refusal reason, long count) {
    refused.labelValues(door.label(), reason.label()).inc(count);
  }

  /**
   * Says what became of everything, and says it as an error if something is missing. For the end,
   * when no more comes in.
   */
  void sayTotals(Logger log) {
    for (Door door : doors) {
      if (unaccounted(door) != 0) {
        log.error("{} do not add up, which is a defect: {}", things, totals(door));
      } else if (received.labelValues(door.label()).get() > 0) {
        log.info("{}: {}", things, totals(door));
      }
    }
  }

  private String totals(Door door) {
    StringBuilder text = new StringBuilder("door=").append(door.label());
    append(text, "received", received.labelValues(door.label()).get());
    outcomes.forEach(
        (name, counter) -> append(text, name, counter.labelValues(door.label()).get()));
    append(text, refusedName, refused(door));
    return text.toString();
  }

  private static void append(StringBuilder text, String name, double count) {
    text.append(String.format(Locale.ROOT, " %s=%.0f", name, count));
  }

  /** What is missing in the counts of a door; read while more comes in, it may be off by that. */
  private double unaccounted(Door door) {
    double accounted = refused(door);
    for (Counter outcome : outcomes.values()) {
      accounted += outcome.labelValues(door.label()).get();
    }
    return received.labelValues(door.label()).get() - accounted;
  }

  private double refused(Door door) {
    double sum = 0;
    for (Refusal reason : refusals) {
      sum += refused.labelValues(door.label(), reason.label()).get();
    }
    return sum;
  }

  private Counter byDoor(String outcome, String help) {
    Counter counter =
        Counter.builder()
            .name(prefix + outcome + "_total")
            .help(help)
            .labelNames("door")
            .register(registry);
    doors.forEach(door -> counter.initLabelValues(door.label()));
    return counter;
  }
}
