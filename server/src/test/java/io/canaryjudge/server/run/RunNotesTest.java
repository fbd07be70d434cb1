package io.canaryjudge.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.store.NotePage;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Pages hold what is new; now and then one holds everything, so that they stay bounded. */
class RunNotesTest {

  private static final int KEYS = 500;
  private static final int NOTE_BYTES = 60;

  private static byte[] note(Random random) {
    byte[] note = new byte[NOTE_BYTES];
    random.nextBytes(note);
    return note;
  }

  @Test
  void isWrittenWholeOftenEnoughAndNotMoreOften() {
    Random random = new Random(7);
    RunNotes notes = new RunNotes(Map.of());
    long fresh = 0;
    long written = 0;
    long kept = 0;
    long most = 0;
    for (int commit = 0; commit < 1_000; commit++) {
      Map<String, byte[]> more = new HashMap<>();
      for (int i = 0; i < 100; i++) {
        more.put("p/0/" + random.nextInt(KEYS), note(random));
      }
      fresh += more.size();
      notes.add(more);
      NotePage page = notes.cut();
      assertThat(page).isNotNull();
      written += page.content().length;
      kept = page.whole() ? page.content().length : kept + page.content().length;
      most = Math.max(most, kept);
    }
    double perNote = NOTE_BYTES + 12;
    assertThat(written / (fresh * perNote)).isBetween(1.0, 1.4);
    assertThat(most / (KEYS * perNote)).isLessThan(4.1);
  }

  @Test
  void thePagesSinceAWholeOneHoldEverything() {
    Random random = new Random(9);
    Map<String, byte[]> stored = new TreeMap<>(Map.of("before", note(random)));
    RunNotes notes = new RunNotes(stored);
    Map<String, byte[]> model = new TreeMap<>(stored);
    for (int commit = 0; commit < 300; commit++) {
      Map<String, byte[]> more = new HashMap<>();
      for (int i = random.nextInt(40); i > 0; i--) {
        more.put("k" + random.nextInt(KEYS), note(random));
      }
      notes.add(more);
      model.putAll(more);
      NotePage page = notes.cut();
      if (more.isEmpty()) {
        assertThat(page).isNull();
        continue;
      }
      assertThat(page).isNotNull();
      if (page.whole()) {
        assertThat(page.content()).hasSizeGreaterThan(model.size() * NOTE_BYTES);
      }
      assertThat(notes.all()).containsExactlyInAnyOrderEntriesOf(model);
    }
    assertThat(notes.cut()).isNull();
  }

  @Test
  void theFirstPageAfterARestartIsWhole() {
    RunNotes notes = new RunNotes(Map.of("x", new byte[] {1}));
    notes.add(Map.of("y", new byte[] {2}));
    NotePage first = notes.cut();
    assertThat(first).isNotNull();
    assertThat(first.whole()).isTrue();
    notes.add(Map.of("y", new byte[] {3}));
    NotePage second = notes.cut();
    assertThat(second).isNotNull();
    assertThat(second.whole()).isFalse();
  }
}
