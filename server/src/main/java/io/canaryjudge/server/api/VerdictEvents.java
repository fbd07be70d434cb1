package io.canaryjudge.server.api;

import io.canaryjudge.proto.v1.WatchVerdictResponse;
import io.canaryjudge.server.error.JudgeException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A watch as server-sent events: {@code verdict} with a verdict and its revision as the id, {@code
 * end} after the last one, {@code error} with a problem document; a comment as the heartbeat.
 */
final class VerdictEvents implements VerdictWatch.Reader {

  private sealed interface Item {
    record Message(WatchVerdictResponse message) implements Item {}

    record Failure(Throwable error) implements Item {}

    record End() implements Item {}
  }

  // Holds a message, a heartbeat and the end at most: a watch asks before it sends.
  private final LinkedBlockingQueue<Item> items = new LinkedBlockingQueue<>();

  @Override
  public boolean isReady() {
    return items.isEmpty();
  }

  @Override
  public void send(WatchVerdictResponse message) {
    items.add(new Item.Message(message));
  }

  @Override
  public void end() {
    items.add(new Item.End());
  }

  @Override
  public void fail(Throwable error) {
    items.add(new Item.Failure(error));
  }

  /**
   * Writes until the watch ends or the reader goes. An error before the first event is thrown, so
   * that it becomes an ordinary answer.
   */
  void write(HttpCall call, VerdictWatch watch) throws IOException {
    Item first = take();
    if (first instanceof Item.Failure(Throwable error)) {
      throw error instanceof JudgeException known ? known : new IllegalStateException(error);
    }
    try (OutputStream out = call.stream("text/event-stream")) {
      Item item = first;
      while (write(out, item)) {
        watch.ready();
        item = take();
      }
    }
  }

  private Item take() throws IOException {
    try {
      return items.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Whether more may follow. */
  private static boolean write(OutputStream out, Item item) throws IOException {
    String text =
        switch (item) {
          case Item.Message(WatchVerdictResponse message) when !message.hasVerdict() ->
              ": alive\n\n";
          case Item.Message(WatchVerdictResponse message) ->
              "id: "
                  + message.getVerdict().getRevision()
                  + "\nevent: verdict\ndata: "
                  + JsonMessages.printOneLine(message.getVerdict())
                  + "\n\n";
          case Item.Failure(Throwable error) ->
              "event: error\ndata: " + HttpErrors.toAnswer(error).body() + "\n\n";
          case Item.End() -> "event: end\ndata: {}\n\n";
        };
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
    return item instanceof Item.Message;
  }
}
