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
    byte[] content = stream.session().noted(key);
    return content == null ? "none" : new String(content, StandardCharsets.UTF_8);
  }

  /** Notes it with a batch of its own; returns whether there was room. */
  private static boolean note(TestStream stream, String key, long number) {
    boolean[] room = new boolean[1];
    stream.sendWith(sink -> room[0] = note(stream, key, number, sink));
    return room[0];
  }

  private static boolean note(TestStream stream, String key, long number, SampleSink sink) {
    Note note = stream.session().note(key);
    if (note == null) {
      return false;
    }
    sink.note(note, bytes(number));
    return true;
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
    stream.sendWith(sink -> note(stream, "counter", total, sink), sample);
  }

  @Test
  void theLastOfACommitCounts() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    Note x = stream.session().note("x");
    assertThat(x).isNotNull();
    for (int commit = 0; commit < 3; commit++) {
      int number = 10 * commit;
      for (int i = 1; i <= 5; i++) {
        int content = number + i;
        stream.sendWith(sink -> sink.note(x, bytes(content)));
      }
      assertThat(note(stream, "x")).isEqualTo(commit == 0 ? "none" : (number - 5) + "");
      harness.round();
      assertThat(note(stream, "x")).isEqualTo((number + 5) + "");
    }
    harness.restart();
    assertThat(note(harness.open(run.id(), "p"), "x")).isEqualTo("25");
  }

  @Test
  void twoStreamsThatNoteOneThingGoOnFromTheLast() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    TestStream first = harness.open(run.id(), "p");
    TestStream second = harness.open(run.id(), "q");
    note(first, "x", 1);
    harness.round();
    note(second, "x", 2);
    harness.round();
    assertThat(note(first, "x")).isEqualTo("2");
    harness.restart();
    assertThat(note(harness.open(run.id(), "p"), "x")).isEqualTo("2");
  }

  @Test
  void anotherStreamKnowsWhatTheFirstOneNoted() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    TestStream first = harness.open(run.id(), "p");
    note(first, "x", 1);
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
    note(stream, "x", 1);
    harness.round();
    assertThatThrownBy(
            () ->
                stream.sendWith(
                    sink -> {
                      note(stream, "x", 2, sink);
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
      taken.add(note(stream, key, 1));
    }
    assertThat(taken).containsExactly(true, true, false, true);
    harness.round();
    harness.restart();
    TestStream again = harness.open(run.id(), "p");
    taken.add(note(again, "z", 1));
    taken.add(note(again, "y", 2));
    assertThat(taken).endsWith(false, true);
    assertThat(note(again, "x")).isEqualTo("1");
    assertThat(note(again, "y")).isEqualTo("1");
    assertThat(note(again, "z")).isEqualTo("none");
    harness.round();
    assertThat(note(again, "y")).isEqualTo("2");
  }

  @Test
  void refusesKeysThatADatabaseMayNotHold() {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    for (String key : List.of("", "a b", "\0", "é", "x".repeat(201))) {
      TestStream stream = harness.open(run.id(), "p");
      assertThatThrownBy(() -> stream.session().note(key))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("key: ");
    }
  }

  @Test
  void nothingIsLeftOfThemWhenTheRunEnds() throws Exception {
    RunRecord run = harness.live(TestPolicies.PATIENT);
    TestStream stream = harness.open(run.id(), "p");
    note(stream, "x", 1);
    harness.round();
    assertThat(harness.store.load(run.id()).notes()).containsOnlyKeys("x");
    note(stream, "y", 1);
    var cancelled = harness.runs.cancel(run.id(), "me", "enough", "");
    harness.round();
    assertThat(cancelled).isCompleted();
    assertThat(harness.store.load(run.id()).notes()).isEmpty();
  }
}
