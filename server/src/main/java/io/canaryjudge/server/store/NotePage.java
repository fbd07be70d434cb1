package io.canaryjudge.server.store;

import java.io.StreamCorruptedException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * The notes of one commit, as bytes: version (one byte, 1), then for each the length of its key
 * (one byte), the key, the length of its content (4 bytes), and the content. Of several of one key
 * the last one counts.
 *
 * @param content the bytes; not copied, so not to be changed
 * @param whole whether these are all notes of the run, so that no page before is needed
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never changed, large
public record NotePage(byte[] content, boolean whole) {

  private static final byte VERSION = 1;

  /** The longest key, in characters. */
  public static final int MAX_KEY_LENGTH = 200;

  /** A page in the making. */
  public static final class Builder {

    private byte[] bytes;
    private int size;

    /**
     * Begins a page.
     *
     * @param expectedBytes about how long it will be
     */
    public Builder(int expectedBytes) {
      bytes = new byte[Math.max(16, expectedBytes)];
      bytes[size++] = VERSION;
    }

    /**
     * Adds a note.
     *
     * @param key up to {@link #MAX_KEY_LENGTH} ASCII characters
     */
    @SuppressWarnings("deprecation") // copies ASCII without encoding it
    public void add(String key, byte[] note) {
      int keyLength = key.length();
      if (keyLength > MAX_KEY_LENGTH) {
        throw new IllegalArgumentException(
            "key: " + keyLength + " characters (expected: at most " + MAX_KEY_LENGTH + ")");
      }
      int after = Math.addExact(size, noteBytes(keyLength, note.length));
      if (after > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(after, (int) Math.min(bytes.length * 2L, 1 << 30)));
      }
      bytes[size] = (byte) keyLength;
      key.getBytes(0, keyLength, bytes, size + 1);
      ByteBuffer.wrap(bytes).putInt(size + 1 + keyLength, note.length);
      System.arraycopy(note, 0, bytes, after - note.length, note.length);
      size = after;
    }

    /** The page. */
    public NotePage build(boolean whole) {
      return new NotePage(size == bytes.length ? bytes : Arrays.copyOf(bytes, size), whole);
    }
  }

  /** How much room a note takes in a page, in bytes. */
  public static int noteBytes(int keyLength, int noteLength) {
    return Math.addExact(1 + keyLength + Integer.BYTES, noteLength);
  }

  /**
   * Puts its notes into a map, over those that are there.
   *
   * @throws StreamCorruptedException if the page is cut short, or not of this form
   */
  void readInto(Map<String, byte[]> notes) throws StreamCorruptedException {
    ByteBuffer in = ByteBuffer.wrap(content);
    try {
      byte version = in.get();
      if (version != VERSION) {
        throw new StreamCorruptedException(
            "note page version: " + version + " (expected: " + VERSION + ")");
      }
      while (in.hasRemaining()) {
        byte[] key = new byte[Byte.toUnsignedInt(in.get())];
        in.get(key);
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
          throw new BufferUnderflowException();
        }
        byte[] note = new byte[length];
        in.get(note);
        notes.put(new String(key, StandardCharsets.US_ASCII), note);
      }
    } catch (BufferUnderflowException e) {
      StreamCorruptedException corrupt =
          new StreamCorruptedException("note page: cut short at " + in.position());
      corrupt.initCause(e);
      throw corrupt;
    }
  }
}
