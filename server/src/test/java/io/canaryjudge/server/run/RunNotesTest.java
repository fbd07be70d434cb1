package io.canaryjudge.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.store.NotePage;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Pages hold what is new; now and then one holds everything, so that they stay bounded. */
class RunNotesTest {

  private static final int KEYS = 500;
  private static final int NOTE_BYTES = 60;

  private final Random random = new Random(7);

  private void note(RunNotes notes, String key, int bytes) {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    notes.add(Objects.requireNonNull(notes.admit(key)), content);
    assertThat(notes.content(key)).isSameAs(content);
  }

  @Test
  void isWrittenWholeOftenEnoughAndNotMoreOften() {
    RunNotes notes = new RunNotes(Map.of(), KEYS);
    long fresh = 0;
    long written = 0;
    long kept = 0;
    long most = 0;
    for (int commit = 0; commit < 1_000; commit++) {
      for (int i = 0; i < 100; i++) {
        note(notes, "p/0/" + random.nextInt(KEYS), NOTE_BYTES);
      }
      fresh += 90; // some of the hundred are the same
      NotePage page = Objects.requireNonNull(notes.cut());
      written += page.content().length;
      kept = page.whole() ? page.content().length : kept + page.content().length;
      most = Math.max(most, kept);
    }
    double perNote = NOTE_BYTES + 12;
    assertThat(written / (fresh * perNote)).isBetween(1.0, 1.4);
    assertThat(most / (KEYS * perNote)).isLessThan(4.1);
  }

  @Test
  void theFirstPageAfterARestartIsWhole() {
    RunNotes notes = new RunNotes(Map.of("x", new byte[] {1}), 2);
    note(notes, "y", 1);
    assertThat(Objects.requireNonNull(notes.cut()).whole()).isTrue();
    note(notes, "y", 1);
    assertThat(Objects.requireNonNull(notes.cut()).whole()).isFalse();
    assertThat(notes.cut()).isNull();
    assertThat(notes.admit("z")).isNull();
  }

  @Test
  void whatNobodyGoesOnFromIsNotWritten() {
    RunNotes notes = new RunNotes(Map.of(), 2);
    note(notes, "x", 1);
    notes.drop();
    assertThat(notes.cut()).isNull();
    note(notes, "x", 1);
    assertThat(Objects.requireNonNull(notes.cut()).content()).hasSize(1 + 1 + 1 + 4 + 1);
  }
}
