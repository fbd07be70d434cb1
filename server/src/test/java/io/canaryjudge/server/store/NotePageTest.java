package io.canaryjudge.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StreamCorruptedException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A page is read as it was written, or refused. */
class NotePageTest {

  private static Map<String, byte[]> read(byte[] content) throws StreamCorruptedException {
    Map<String, byte[]> notes = new TreeMap<>();
    new NotePage(content, false).readInto(notes);
    return notes;
  }

  @Test
  void isReadAsItWasWritten() throws StreamCorruptedException {
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      NotePage.Builder page = new NotePage.Builder(random.nextInt(100));
      Map<String, byte[]> notes = new TreeMap<>();
      for (int left = random.nextInt(30); left > 0; left--) {
        String key = "k".repeat(random.nextInt(NotePage.MAX_KEY_LENGTH)) + random.nextInt(10);
        byte[] note = new byte[random.nextInt(300)];
        random.nextBytes(note);
        page.add(key, note);
        notes.put(key, note);
      }
      Map<String, byte[]> found = read(page.build(false).content());
      assertThat(found.keySet()).isEqualTo(notes.keySet());
      notes.forEach((key, note) -> assertThat(found.get(key)).isEqualTo(note));
    }
  }

  @Test
  void theLastOfOneKeyCounts() throws StreamCorruptedException {
    NotePage.Builder page = new NotePage.Builder(0);
    page.add("x", new byte[] {1});
    page.add("x", new byte[] {2, 3});
    assertThat(read(page.build(false).content()).get("x")).containsExactly(2, 3);
  }

  @Test
  void refusesWhatIsCutShortOrOfAnotherForm() {
    NotePage.Builder builder = new NotePage.Builder(0);
    builder.add("key", new byte[] {1, 2, 3});
    byte[] page = builder.build(false).content();
    for (int length = 2; length < page.length; length++) {
      byte[] cut = Arrays.copyOf(page, length);
      assertThatThrownBy(() -> read(cut))
          .as("cut at %d", length)
          .isInstanceOf(StreamCorruptedException.class)
          .hasMessageContaining("cut short");
    }
    byte[] later = page.clone();
    later[0] = 2;
    assertThatThrownBy(() -> read(later)).hasMessage("note page version: 2 (expected: 1)");
    assertThatThrownBy(() -> new NotePage.Builder(0).add("x".repeat(201), page))
        .hasMessage("key: 201 characters (expected: at most 200)");
  }
}
