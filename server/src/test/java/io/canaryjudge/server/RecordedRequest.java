package io.canaryjudge.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A request as a tool once put it on the wire, sent again with nothing changed but host and path.
 */
record RecordedRequest(String text) {

  /** An answer. */
  record Answer(int status, String body) {}

  /** One of the files under {@code wire}. */
  static RecordedRequest named(String name) {
    try (InputStream in = RecordedRequest.class.getResourceAsStream("/wire/" + name + ".http")) {
      return new RecordedRequest(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With another begin of its path. */
  RecordedRequest at(String before, String after) {
    int path = text.indexOf(' ') + 1;
    if (!text.startsWith(before, path)) {
      throw new IllegalArgumentException(text + " (expected: the path " + before + ")");
    }
    return new RecordedRequest(
        text.substring(0, path) + after + text.substring(path + before.length()));
  }

  /** With another body of the asker's own choice. */
  RecordedRequest with(String body) {
    String head = text.substring(0, text.indexOf("\r\n\r\n") + 4);
    return new RecordedRequest(
        head.replaceFirst("Content-Length: \\d+", "Content-Length: " + body.length()) + body);
  }

  /** Sends it, and reads the answer. */
  Answer send(URI server) throws IOException {
    String adapted =
        text.replaceFirst("Host: [^\r]+", "Host: " + server.getHost() + ":" + server.getPort());
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(adapted.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      InputStream in = socket.getInputStream();
      String head = head(in);
      int length = 0;
      for (String line : head.split("\r\n")) {
        String lower = line.toLowerCase(Locale.ROOT);
        if (lower.startsWith("transfer-encoding:")) {
          throw new IOException("in pieces: " + line);
        }
        if (lower.startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(line.indexOf(':') + 1).trim());
        }
      }
      String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
      return new Answer(Integer.parseInt(head.split(" ", 3)[1]), body);
    }
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("ended within its head: " + head);
      }
      head.write(next);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }
}
