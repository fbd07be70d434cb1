package io.canaryjudge.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;

/** What a server counted of the samples that came in during its life. */
final class SampleCounts {

  private static final Pattern LINE =
      Pattern.compile("canary_judge_samples_(\\w+?)(?:_total)?\\{[^}]*} (\\S+)");

  private final String metrics;

  SampleCounts(String metrics) {
    this.metrics = metrics;
  }

  private long of(String outcome) {
    List<Double> values =
        metrics
            .lines()
            .map(LINE::matcher)
            .filter(line -> line.matches() && line.group(1).equals(outcome))
            .map(line -> Double.valueOf(line.group(2)))
            .toList();
    assertThat(values).as(outcome).isNotEmpty();
    return values.stream().mapToLong(Double::longValue).sum();
  }

  /**
   * Holds them against what the producers sent to this server: what was durable when they connected
   * is repeated, everything else is accepted.
   */
  void check(List<ResendingProducer> producers) {
    long sent = producers.stream().mapToLong(ResendingProducer::samplesOnConnection).sum();
    long fresh =
        producers.stream()
            .mapToLong(producer -> producer.samplesAfter(producer.committedAtOpen()))
            .sum();
    assertThat(of("received")).as("received").isEqualTo(sent);
    assertThat(of("accepted")).as("accepted").isEqualTo(fresh);
    assertThat(of("repeated")).as("repeated").isEqualTo(sent - fresh);
    assertThat(of("late")).as("late").isZero();
    assertThat(of("rejected")).as("rejected").isZero();
    assertThat(of("unaccounted")).as("unaccounted").isZero();
  }
}
