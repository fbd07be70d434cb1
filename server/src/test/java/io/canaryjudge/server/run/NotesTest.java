package io.canaryjudge.server.run;

import static io.canaryjudge.server.run.TestStream.TestSample.baseline;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.server.run.FaultyRunStore.Fault;
import io.canaryjudge.server.run.TestStream.TestSample;
import io.canaryjudge.server.store.RunRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is noted with samples is durable with them, or not at all. */
class NotesTest {

  private static final IngestLimits LIMITS =
      new IngestLimits(100, 100, 100, 3, 4, 1_000, 2, 2, 60_000, 86_400_000L);

  @TempDir Path directory;

  private RunHarness harness;

  @BeforeEach
  void start() {
    harness = new RunHarness(directory, RunSettings.DEFAULTS.with(LIMITS));
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  private static byte[] bytes(long number) {
    return Long.toString(number).getBytes(StandardCharsets.UTF_8);
  }

  private static String note(TestStream stream, String key) {
    byte[] content = stream.session().notes().get(key);
    return content == null ? "none" : new String(content, StandardCharsets.UTF_8);
  }

  /** A counter that never counts twice: the note is what was counted so far. */
  @Test
  void aNoteIsThatOfTheSamplesWhateverTheMomentOfTheCrash() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    Random random = new Random(5);
    TestStream stream = harness.open(run.id(), "p");
    long counted = 0;
    int crashes = 0;
    for (int i = 0; i < 200; i++) {
      long after = counted + 1 + random.nextInt(9);
      send(stream, after - counted, after);
      counted = after;
      boolean heardOf = random.nextBoolean();
      if (random.nextInt(4) == 0) {
        if (!heardOf) {
          harness.store.fail(Fault.AFTER);
          harness.runs.round();
        }
        harness.restart();
        crashes++;
        stream = harness.open(run.id(), "p");
        String noted = note(stream, "counter");
        counted = noted.equals("none") ? 0 : Long.parseLong(noted);
      } else if (heardOf) {
        harness.round();
      }
    }
    harness.round();
    harness.pass(20_000);

    assertThat(crashes).isGreaterThan(20);
    assertThat(counted).isPositive();
    assertThat(harness.sealedTotal(run.id(), Arm.BASELINE)).isEqualTo(counted);
  }

  private void send(TestStream stream, long more, long total) {
    TestSample sample = baseline(harness.clock.millis(), more, 0);
    stream.sendWith(sink -> sink.note("counter", bytes(total)), sample);
  }

  @Test
  void anotherStreamKnowsWhatTheFirstOneNoted() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    TestStream first = harness.open(run.id(), "p");
    first.sendWith(sink -> sink.note("x", bytes(1)));
    // Replaced before anything was committed: what was taken is collected nevertheless.
    TestStream second = harness.open(run.id(), "p");
    assertThat(note(second, "x")).isEqualTo("1");
    harness.round();
    harness.restart();
    assertThat(note(harness.open(run.id(), "q"), "x")).isEqualTo("1");
  }

  @Test
  void aBatchThatFailsNotesNothing() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    stream.sendWith(sink -> sink.note("x", bytes(1)));
    harness.round();
    assertThatThrownBy(
            () ->
                stream.sendWith(
                    sink -> {
                      sink.note("x", bytes(2));
                      throw new IllegalStateException("in the middle");
                    }))
        .isInstanceOf(IllegalStateException.class);
    harness.round();
    assertThat(note(harness.open(run.id(), "p"), "x")).isEqualTo("1");
    harness.restart();
    assertThat(note(harness.open(run.id(), "p"), "x")).isEqualTo("1");
  }

  @Test
  void aRunHasSoManyNotesAndNoMore() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    List<Boolean> taken = new ArrayList<>();
    TestStream stream = harness.open(run.id(), "p");
    for (String key : List.of("x", "y", "z", "x")) {
      stream.sendWith(sink -> taken.add(sink.note(key, bytes(1))));
    }
    assertThat(taken).containsExactly(true, true, false, true);
    harness.round();
    harness.restart();
    TestStream again = harness.open(run.id(), "p");
    again.sendWith(sink -> taken.add(sink.note("z", bytes(1))));
    again.sendWith(sink -> taken.add(sink.note("y", bytes(2))));
    assertThat(taken).endsWith(false, true);
    assertThat(again.session().notes()).containsOnlyKeys("x", "y");
  }

  @Test
  void refusesKeysThatADatabaseMayNotHold() {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    for (String key : List.of("", "a b", "\0", "é", "x".repeat(201))) {
      TestStream stream = harness.open(run.id(), "p");
      assertThatThrownBy(() -> stream.sendWith(sink -> sink.note(key, bytes(1))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("key: ");
    }
  }

  @Test
  void nothingIsLeftOfThemWhenTheRunEnds() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    stream.sendWith(sink -> sink.note("x", bytes(1)));
    harness.round();
    assertThat(harness.store.load(run.id()).notes()).containsOnlyKeys("x");
    stream.sendWith(sink -> sink.note("y", bytes(1)));
    var cancelled = harness.runs.cancel(run.id(), "me", "enough", "");
    harness.round();
    assertThat(cancelled).isCompleted();
    assertThat(harness.store.load(run.id()).notes()).isEmpty();
  }
}
