package io.canaryjudge.server.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Stands between a client and a server, and lets a chosen commit of the client through and loses
 * the answer: the client cannot know what came of it.
 */
final class LossyProxy implements AutoCloseable {

  private static final String COMMIT = "COMMIT";

  private final ServerSocket door;
  private final int target;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicReference<String> trigger = new AtomicReference<>("");

  LossyProxy(int target) throws IOException {
    this.target = target;
    this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  int port() {
    return door.getLocalPort();
  }

  /**
   * Loses the answer to the next commit on a connection that has had a statement with these words
   * in it. Which words matters: a pool of connections commits as well, whenever it makes one.
   */
  void loseTheAnswerToCommitOf(String words) {
    trigger.set(words);
  }

  /** Whether that has happened. */
  boolean lost() {
    return trigger.get().isEmpty();
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        threads.execute(() -> forward(client, server));
        threads.execute(() -> backward(server, client));
      } catch (IOException e) {
        if (!door.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void forward(Socket client, Socket server) {
    try (client) {
      InputStream in = client.getInputStream();
      OutputStream out = server.getOutputStream();
      byte[] buffer = new byte[65_536];
      boolean chosen = false;
      for (int length; (length = in.read(buffer)) > 0; ) {
        String text = new String(Arrays.copyOf(buffer, length), StandardCharsets.ISO_8859_1);
        String word = trigger.get();
        chosen |= !word.isEmpty() && text.contains(word);
        if (chosen && text.contains(COMMIT) && trigger.compareAndSet(word, "")) {
          client.close(); // before the server can answer
          out.write(buffer, 0, length);
          server.shutdownOutput(); // the server goes through with what it has read
          return;
        }
        out.write(buffer, 0, length);
      }
      server.close();
    } catch (IOException _) {
      // One side has gone, and so the other shall.
    }
  }

  private static void backward(Socket server, Socket client) {
    try (server;
        client) {
      server.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException _) {
      // One side has gone, and so the other shall.
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    threads.shutdownNow();
  }
}
