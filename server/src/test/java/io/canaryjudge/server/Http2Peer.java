package io.canaryjudge.server;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * As much of an HTTP/2 client (RFC 9113) as it takes to behave worse than a real one would, and to
 * see what the server says to that. It answers nothing by itself.
 */
final class Http2Peer implements AutoCloseable {

  static final int HEADERS = 1;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;

  static final int MAX_CONCURRENT_STREAMS = 3;
  static final int MAX_HEADER_LIST_SIZE = 6;

  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int PATIENCE_MILLIS = 60_000;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  private Http2Peer(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** Connects, and says what a client has to say first. */
  static Http2Peer connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    Http2Peer peer = new Http2Peer(socket);
    peer.out.write(PREFACE.getBytes(StandardCharsets.US_ASCII));
    peer.send(SETTINGS, 0, 0, new byte[0]);
    return peer;
  }

  void ping() throws IOException {
    send(PING, 0, 0, new byte[8]);
  }

  /** A request of one header, not compressed (RFC 7541, 6.2.2), and nothing else. */
  void sendHeader(int stream, String name, String value) throws IOException {
    int rest = value.length() - 127;
    ByteBuffer payload = ByteBuffer.allocate(name.length() + value.length() + 5);
    payload.put((byte) 0).put((byte) name.length());
    payload.put(name.getBytes(StandardCharsets.US_ASCII));
    payload.put((byte) 127).put((byte) ((rest & 0x7f) | 0x80)).put((byte) (rest >>> 7));
    payload.put(value.getBytes(StandardCharsets.US_ASCII));
    send(HEADERS, END_STREAM | END_HEADERS, stream, payload.array());
  }

  private void send(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) 0).putShort((short) payload.length);
    frame.put((byte) type).put((byte) flags).putInt(stream);
    out.write(frame.put(payload).array());
    out.flush();
  }

  /** Waits for the next frame of a type; what comes before is left unread. */
  byte[] await(int type) throws IOException {
    while (true) {
      int lengthAndType = in.readInt();
      in.readByte();
      in.readInt();
      byte[] payload = new byte[lengthAndType >>> 8];
      in.readFully(payload);
      if ((lengthAndType & 0xff) == type) {
        return payload;
      }
    }
  }

  /** Waits for the settings of the server. */
  Map<Integer, Integer> awaitSettings() throws IOException {
    ByteBuffer payload = ByteBuffer.wrap(await(SETTINGS));
    Map<Integer, Integer> settings = new HashMap<>();
    while (payload.hasRemaining()) {
      settings.put((int) payload.getShort(), payload.getInt());
    }
    return settings;
  }

  /** Waits until the server says that it takes no more calls here, and returns why. */
  String awaitGoAway() throws IOException {
    byte[] payload = await(GOAWAY);
    return new String(payload, 8, payload.length - 8, StandardCharsets.UTF_8);
  }

  /** Waits until the server has closed the connection. */
  void awaitEnd() throws IOException {
    try {
      in.skipNBytes(Long.MAX_VALUE);
    } catch (EOFException | SocketException _) {
      // That is the end.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
