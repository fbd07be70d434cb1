package io.canaryjudge.server;

import io.canaryjudge.server.api.Availability;
import io.canaryjudge.server.api.GrpcDoor;
import io.canaryjudge.server.api.HealthRoutes;
import io.canaryjudge.server.api.HttpDoor;
import io.canaryjudge.server.api.MetricsRoute;
import io.canaryjudge.server.config.ServerConfig;
import io.canaryjudge.server.security.Access;
import io.canaryjudge.server.security.TlsMaterial;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server, and the only place where its parts are put together: from the store to the
 * doors, and closed in reverse.
 */
public final class Server implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  private final ServerConfig config;
  private final boolean tls;
  private final ClosingStack parts = new ClosingStack();
  private final GrpcDoor grpc;
  private final HttpDoor http;

  private Server(ServerConfig config) throws IOException {
    this.config = config;
    try {
      Optional<TlsMaterial> material = Security.tls(config);
      this.tls = material.isPresent();
      Access access = Security.access(config);
      Security.announce(config, LOG);

      PrometheusRegistry metrics = new PrometheusRegistry();
      JvmMetrics.builder().register(metrics);
      Availability availability = new Availability();

      http =
          HttpDoor.open(
              config,
              material,
              access,
              availability,
              List.of(new HealthRoutes(availability, List.of()), new MetricsRoute(metrics)));
      parts.push("http", patience -> http.close());
      grpc = GrpcDoor.open(config, material, access, availability, List.of());
      parts.push("grpc", grpc::close);
      availability.ready();
      grpc.serve();
      parts.push(
          "doors",
          patience -> {
            availability.draining();
            grpc.drain();
          });
      LOG.info("gRPC is served at {}", grpcAddress());
      LOG.info("HTTP is served at {}", httpUrl());
    } catch (IOException | RuntimeException e) {
      parts.close(Duration.ZERO);
      throw e;
    }
  }

  /**
   * Starts a server and waits until it answers calls.
   *
   * @throws StartException if something that it needs is not there, such as a free port
   */
  public static Server start(ServerConfig config) {
    try {
      return new Server(config);
    } catch (IOException | RuntimeException e) {
      throw new StartException(StartException.explain(config, e), e);
    }
  }

  /** The bound gRPC port. */
  public int grpcPort() {
    return grpc.port();
  }

  /** The bound HTTP port. */
  public int httpPort() {
    return http.port();
  }

  /** Host and port of the gRPC door. */
  public String grpcAddress() {
    return host() + ":" + grpcPort();
  }

  /** Where the HTTP door is. */
  public String httpUrl() {
    return (tls ? "https://" : "http://") + host() + ":" + httpPort();
  }

  private String host() {
    return config.listen().contains(":") ? "[" + config.listen() + "]" : config.listen();
  }

  /**
   * Stops gracefully, within the configured time: says so to whoever asks for its health, takes
   * nothing new, acknowledges what it has taken, ends what is in progress. May be called twice.
   */
  @Override
  public void close() {
    parts.close(config.stopTimeout());
  }
}
