package io.canaryjudge.server.notify;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Somebody who is told, and may behave badly. */
public final class Receiver implements AutoCloseable {

  /**
   * What came.
   *
   * @param headers by name in lower case
   */
  public record Received(Map<String, String> headers, String body) {

    public String header(String name) {
      return headers.getOrDefault(name, "");
    }

    public String id() {
      return header("webhook-id");
    }

    public int attempt() {
      return Integer.parseInt(header("canary-judge-attempt"));
    }
  }

  /**
   * What to answer.
   *
   * @param status 0 closes the connection, -1 hangs until the end, else a status
   */
  public record Answer(int status, Map<String, String> headers, String body) {

    public static final Answer OK = of(204);
    public static final Answer CLOSE = of(0);
    public static final Answer HANG = of(-1);

    public static Answer of(int status) {
      return new Answer(status, Map.of(), "");
    }
  }

  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private volatile Function<Received, Answer> behaviour = _ -> Answer.OK;

  public Receiver() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/", this::handle);
    http.start();
  }

  /** What it answers from now on. */
  public void behave(Function<Received, Answer> how) {
    behaviour = how;
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/hook");
  }

  /** What came, in order. */
  public List<Received> received() {
    return List.copyOf(received);
  }

  public List<String> ids() {
    return received.stream().map(Received::id).toList();
  }

  public List<Integer> attempts() {
    return received.stream().map(Received::attempt).toList();
  }

  private void handle(HttpExchange exchange) throws IOException {
    Map<String, String> headers = new TreeMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Received request = new Received(headers, body);
    received.add(request);
    Answer answer = behaviour.apply(request);
    if (answer.status() < 0) {
      awaitEnd();
    }
    if (answer.status() <= 0) {
      exchange.close();
      return;
    }
    answer.headers().forEach(exchange.getResponseHeaders()::set);
    byte[] text = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.status(), text.length == 0 ? -1 : text.length);
    exchange.getResponseBody().write(text);
    exchange.close();
  }

  private void awaitEnd() {
    try {
      over.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    over.countDown();
    http.stop(0);
    threads.shutdownNow();
  }
}
