package io.canaryjudge.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.canaryjudge.proto.v1.Arm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** One process of the service, as far as its clients can tell: an HTTP server with its own port. */
final class CheckoutInstance implements AutoCloseable {

  static {
    // Otherwise the JDK's server lets each answer on a kept connection wait for the client's
    // delayed acknowledgement: 40 ms that no version of the service is to blame for.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  /** Name of the service. */
  static final String SERVICE = "checkout";

  private final Arm arm;
  private final String name;
  private final String version;
  private final Behaviour behaviour;
  private final RandomGenerator random;
  private final Instant started = Instant.now();
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  /**
   * Starts an instance on a free port of the loopback address.
   *
   * @param name name of the instance, as it appears in the samples
   * @param seed makes the lengths of the work and the choice of failures repeatable
   */
  CheckoutInstance(Arm arm, String name, String version, Behaviour behaviour, long seed)
      throws IOException {
    this.arm = arm;
    this.name = name;
    this.version = version;
    this.behaviour = behaviour;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    server.setExecutor(requests);
    server.createContext("/checkout", this::answer);
    server.start();
  }

  Arm arm() {
    return arm;
  }

  String name() {
    return name;
  }

  String version() {
    return version;
  }

  Instant started() {
    return started;
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/checkout");
  }

  /** Answers at {@code /metrics} with a text. */
  void expose(Supplier<String> metrics) {
    server.createContext(
        "/metrics",
        exchange -> {
          try (exchange) {
            byte[] body = metrics.get().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
  }

  @Override
  public void close() {
    server.stop(0);
    requests.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Behaviour.Work work;
      synchronized (random) {
        work = behaviour.next(random);
      }
      Thread.sleep(Duration.ofNanos((long) (work.millis() * 1e6)));
      byte[] body =
          (work.fails()
                  ? "{\"error\": \"could not reserve the items\"}"
                  : "{\"order\": \"confirmed\", \"version\": \"" + version + "\"}")
              .getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(work.fails() ? 500 : 200, body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
