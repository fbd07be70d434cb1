package io.canaryjudge.server.ingest.stream;

import static io.canaryjudge.server.run.TestPolicies.PATIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.server.run.FaultyRunStore.Fault;
import io.canaryjudge.server.run.IngestLimits;
import io.canaryjudge.server.run.RunSettings;
import io.canaryjudge.server.store.RunRecord;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;

/** A full run is not read any further, and HTTP/2 slows down the sender. */
class BackpressureTest extends WireTest {

  private static final int CREDIT = 10;
  private static final int SAMPLES = 500;

  @Override
  boolean overTcp() {
    return true;
  }

  @Override
  RunSettings settings() {
    IngestLimits limits = IngestLimits.DEFAULTS;
    return RunSettings.DEFAULTS.with(
        new IngestLimits(
            CREDIT,
            limits.maxSamplesPerBatch(),
            limits.maxSeriesPerStream(),
            limits.maxProducers(),
            limits.maxInstancesPerArm(),
            limits.maxOpenCells(),
            limits.maxNotes(),
            limits.maxFedSeries(),
            limits.maxAheadMillis(),
            limits.maxRetrospectiveMillis()));
  }

  /** Whether the transport takes one more message, sooner or later. */
  private static boolean becomesReady(WireStream stream) {
    try {
      Awaitility.await()
          .pollDelay(0, TimeUnit.MILLISECONDS)
          .pollInterval(2, TimeUnit.MILLISECONDS)
          .atMost(1, TimeUnit.SECONDS)
          .until(stream::isReady);
      return true;
    } catch (ConditionTimeoutException e) {
      return false;
    }
  }

  @Test
  void aSenderThatMindsNothingIsHeldAtTheCredit() throws Exception {
    RunRecord run = harness.live(PATIENT);
    WireStream stream = WireStream.open(channel, run.id(), "p");
    stream.opened();
    long now = harness.clock.millis();
    stream.send(declaring(1).addProportions(counts(1, now, 1, 0)));
    roundsUntil(() -> stream.acked() == 1);
    harness.store.fail(Fault.BEFORE);

    harness.round();
    long sequence = 1;
    while (becomesReady(stream)) {
      SampleBatch.Builder large = batch(++sequence);
      for (int i = 0; i < SAMPLES; i++) {
        large.addProportions(counts(1, now + i % 1_000, 1, 0));
      }
      stream.send(large);
      assertThat(sequence).as("batches that the client could get rid of").isLessThan(1_000);
    }
    assertThat(sequence).isGreaterThan(1 + CREDIT);
    // What is in the server is the credit; the rest waits in the transport and in the client.
    harness.store.heal();
    harness.clock.advance(10_000);
    roundsUntil(() -> stream.acked() >= 1 + CREDIT);
    assertThat(stream.acks()).as("the first commit after the outage").contains(1L + CREDIT);
    long last = sequence;
    stream.halfClose();
    roundsUntil(() -> stream.acked() == last);
    harness.samples.assertBalanced(1 + (sequence - 1) * SAMPLES);
  }
}
