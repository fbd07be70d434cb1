package io.canaryjudge.server.store;

import io.canaryjudge.server.error.JudgeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.zip.CRC32;

/**
 * Page tokens: where the next page begins, as the key of the last item before it, so that items
 * which are added or removed meanwhile neither shift nor repeat others.
 *
 * <p>A token names its list (with its filter), and is refused by any other. It is no secret, and
 * there is nothing to gain by forging one.
 */
final class PageTokens {

  private static final int MAX_PAGE_SIZE = 1_000;
  private static final int MAX_TOKEN_LENGTH = 2_000;

  private PageTokens() {}

  /** The last item of the page before: a number and a name by which the list is ordered. */
  record Position(long number, String name) {}

  static void requirePageSize(int pageSize) {
    if (!(pageSize >= 1 && pageSize <= MAX_PAGE_SIZE)) {
      throw JudgeException.invalidField("page_size", pageSize, "in [1, " + MAX_PAGE_SIZE + "]");
    }
  }

  /**
   * A page out of rows of which one more was read than fits.
   *
   * @param list names the list and its filter
   */
  static <T> Page<T> page(String list, List<T> rows, int pageSize, Function<T, Position> position) {
    if (rows.size() <= pageSize) {
      return new Page<>(rows, "");
    }
    List<T> items = rows.subList(0, pageSize);
    return new Page<>(items, encode(list, position.apply(items.getLast())));
  }

  private static String encode(String list, Position position) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(checksum(list, position));
      out.writeLong(position.number());
      out.writeUTF(position.name());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  /**
   * Where to go on.
   *
   * @param start the position before the first item, for an empty token
   * @throws JudgeException {@code INVALID_FIELD} if the token is not one of this list
   */
  static Position decode(String list, String token, Position start) {
    if (token.isEmpty()) {
      return start;
    }
    if (token.length() <= MAX_TOKEN_LENGTH) {
      try (ByteArrayInputStream bytes =
              new ByteArrayInputStream(Base64.getUrlDecoder().decode(token));
          DataInputStream in = new DataInputStream(bytes)) {
        int checksum = in.readInt();
        Position position = new Position(in.readLong(), in.readUTF());
        if (bytes.available() == 0 && checksum == checksum(list, position)) {
          return position;
        }
      } catch (IOException | IllegalArgumentException _) {
        // Refused below, like a token of another list.
      }
    }
    throw JudgeException.invalidField(
        "page_token", token, "next_page_token of the page before, all other fields unchanged");
  }

  private static int checksum(String list, Position position) {
    CRC32 crc = new CRC32();
    crc.update((list + '\n' + position).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return (int) crc.getValue();
  }
}
