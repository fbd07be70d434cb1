package io.canaryjudge.server.ingest.remotewrite;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The texts of a request of version 2.0, decoded when they are first asked for: most belong to
 * series that nobody wants. Used by one thread.
 */
final class Symbols {

  /** Most symbols of a request. Senders use some thousand. */
  static final int MAX_SYMBOLS = 1_000_000;

  private static final byte[] NAME = SeriesLabels.NAME.getBytes(StandardCharsets.UTF_8);

  private final byte[] body;
  private int[] starts = new int[256];
  private int[] lengths = new int[256];
  private @Nullable String[] texts = new String[256];
  private int count;

  Symbols(byte[] body) {
    this.body = body;
  }

  /** The next one: where it is in the body. */
  void add(int start, int length) {
    if (count == MAX_SYMBOLS) {
      throw Malformed.tooMuch("one more symbol", "symbols", MAX_SYMBOLS);
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
      texts = Arrays.copyOf(texts, 2 * count);
    }
    starts[count] = start;
    lengths[count] = length;
    count++;
  }

  int size() {
    return count;
  }

  /** Whether there is such a symbol. */
  boolean isIn(int ref) {
    return ref >= 0 && ref < count;
  }

  /** Whether a symbol is the label that holds the names of series. */
  boolean isName(int ref) {
    return isIn(ref)
        && Arrays.equals(body, starts[ref], starts[ref] + lengths[ref], NAME, 0, NAME.length);
  }

  /** The text of a symbol; bytes that are not UTF-8 show as replacement characters. */
  String text(int ref) {
    String text = texts[ref];
    if (text == null) {
      text = new String(body, starts[ref], lengths[ref], StandardCharsets.UTF_8);
      texts[ref] = text;
    }
    return text;
  }
}
