package io.canaryjudge.server.ingest.pull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Answers queries as a test wants it. */
final class FakePrometheus implements AutoCloseable {

  /**
   * A query that came.
   *
   * @param query the expression
   * @param time the moment that it is about, in seconds
   * @param headers of the request, the first value of each
   */
  record Asked(String query, String time, Map<String, String> headers) {

    boolean isDiscovery() {
      return query.startsWith("count by");
    }
  }

  /** What is answered. */
  record Answer(int status, String body) {}

  static final Answer NOTHING =
      new Answer(
          200, "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}");

  /** The service is found under this label. */
  static Answer found(String label) {
    return new Answer(
        200,
        "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{\""
            + label
            + "\":\"checkout\"},\"value\":[1,\"4\"]}]}}");
  }

  /** Some series, each in the form of the API. */
  static Answer matrix(String... series) {
    return new Answer(
        200,
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":["
            + String.join(",", series)
            + "]}}");
  }

  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();
  private volatile Function<Asked, Answer> answers =
      query -> query.isDiscovery() ? found("app") : NOTHING;

  FakePrometheus() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/prom/api/v1/query", this::answer);
    http.setExecutor(threads);
    http.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Map<String, String> fields =
        Stream.of(form.split("&"))
            .map(field -> field.split("=", 2))
            .collect(
                Collectors.toMap(
                    pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
    Map<String, String> headers =
        exchange.getRequestHeaders().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, header -> header.getValue().getFirst()));
    Asked query = new Asked(fields.get("query"), fields.get("time"), headers);
    asked.add(query);
    Answer answer = answers.apply(query);
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.status(), body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/prom");
  }

  /** What is answered from now on. */
  void answerWith(Function<Asked, Answer> next) {
    answers = next;
  }

  /** What came since the last call of this, but for what looks for services. */
  List<Asked> readings() {
    return drain().stream().filter(query -> !query.isDiscovery()).toList();
  }

  /** What came since the last call of this. */
  List<Asked> drain() {
    List<Asked> all = List.copyOf(asked);
    asked.clear();
    return all;
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
