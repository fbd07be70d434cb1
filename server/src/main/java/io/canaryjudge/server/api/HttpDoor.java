package io.canaryjudge.server.api;

import io.canaryjudge.server.config.ServerConfig;
import io.canaryjudge.server.security.Access;
import io.canaryjudge.server.security.Caller;
import io.canaryjudge.server.security.CertificateNames;
import io.canaryjudge.server.security.Credentials;
import io.canaryjudge.server.security.TlsMaterial;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsClientAuth;
import io.helidon.common.tls.TlsConfig;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ObjIntConsumer;
import java.util.stream.Collectors;

/** The HTTP port: finds the route of a request, admits its caller, and maps what goes wrong. */
public final class HttpDoor {

  private final WebServer server;
  private final List<HttpRoute> routes;

  private HttpDoor(WebServer server, List<HttpRoute> routes) {
    this.server = server;
    this.routes = List.copyOf(routes);
  }

  /**
   * Opens the port.
   *
   * @param groups what is served; everything else is 404, or 405 where another method would do
   * @param answered hears of every answer: the route, or "none", and the status
   */
  public static HttpDoor open(
      ServerConfig config,
      Optional<TlsMaterial> tls,
      Access access,
      Availability availability,
      List<RouteGroup> groups,
      ObjIntConsumer<String> answered) {
    List<HttpRoute> routes = new ArrayList<>();
    groups.forEach(group -> routes.addAll(group.routes()));
    routes.add(new IndexRoute(routes).route());
    Router router = new Router(List.copyOf(routes), access, availability, config.http(), answered);
    WebServer server =
        WebServer.builder()
            .host(config.listen())
            .port(config.http().port())
            // Each route holds to its own limit.
            .maxPayloadSize(Math.max(config.http().maxBodyBytes(), config.http().maxMetricsBytes()))
            .contentEncoding(new BodiesAsSent())
            .maxTcpConnections(config.http().maxConnections())
            .maxConcurrentRequests(config.http().maxRequests())
            .idleConnectionTimeout(config.http().idleTimeout())
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ofMillis(500))
            .connectionOptions(options -> options.tcpNoDelay(true))
            .update(builder -> tls.ifPresent(material -> builder.tls(tls(material))))
            .routing(routing -> routing.any(router::answer))
            .build();
    return new HttpDoor(server.start(), routes);
  }

  private static Tls tls(TlsMaterial material) {
    TlsConfig.Builder tls = TlsConfig.builder().sslContext(material.sslContext());
    if (material.trustManagers().isPresent()) {
      tls.clientAuth(TlsClientAuth.REQUIRED);
    }
    return tls.build();
  }

  /** Every route behind the port. */
  public List<HttpRoute> routes() {
    return routes;
  }

  /** The bound port. */
  public int port() {
    return server.port();
  }

  /** Ends connections and closes the port. */
  public void close() {
    server.stop();
  }

  private record Router(
      List<HttpRoute> routes,
      Access access,
      Availability availability,
      ServerConfig.Http limits,
      ObjIntConsumer<String> answered) {

    void answer(ServerRequest request, ServerResponse response) {
      Optional<HttpRoute> route = Optional.empty();
      try {
        route = find(request);
        serve(route.orElseThrow(() -> unknown(request)), request, response);
      } catch (Throwable e) {
        HttpErrors.Answer answer = HttpErrors.toAnswer(e);
        if (!response.isSent()) {
          ErrorForm form = route.map(HttpRoute::errors).orElse(ErrorForm.PROBLEM);
          ErrorForm.Body body = form.write(answer, HttpCall.mediaType(request));
          answer.headers().forEach(response::header);
          response
              .status(form.status(answer))
              .header(HeaderNames.CONTENT_TYPE, body.contentType())
              .send(body.bytes());
        }
      } finally {
        answered.accept(route.map(HttpRoute::label).orElse("none"), response.status().code());
      }
    }

    private Optional<HttpRoute> find(ServerRequest request) {
      String method = request.prologue().method().text();
      String path = request.path().path();
      return routes.stream()
          .filter(route -> route.method().equals(method) && route.path().match(path).isPresent())
          .findFirst();
    }

    private void serve(HttpRoute route, ServerRequest request, ServerResponse response)
        throws Exception {
      Caller caller = access.admit(route.operation(), credentials(request));
      if (!route.alwaysOn()) {
        availability.check();
      }
      Map<String, String> values = route.path().match(request.path().path()).orElseThrow();
      route.handler().handle(new HttpCall(request, response, values, caller, limits));
    }

    private HttpProblem unknown(ServerRequest request) {
      String method = request.prologue().method().text();
      String path = request.path().path();
      String allowed =
          routes.stream()
              .filter(route -> route.path().match(path).isPresent())
              .map(HttpRoute::method)
              .sorted()
              .collect(Collectors.joining(", "));
      if (allowed.isEmpty()) {
        return new HttpProblem(
            Status.NOT_FOUND_404, "ROUTE_NOT_FOUND", path + ": no such path; see / for what is");
      }
      return new HttpProblem(
          Status.METHOD_NOT_ALLOWED_405,
          "METHOD_NOT_ALLOWED",
          method + " " + path + " (expected: " + allowed + ")",
          Map.of("Allow", allowed));
    }

    private static Credentials credentials(ServerRequest request) {
      PeerInfo peer = request.remotePeer();
      List<String> names =
          peer.tlsCertificates()
              .filter(chain -> chain.length > 0 && chain[0] instanceof X509Certificate)
              .map(chain -> CertificateNames.of((X509Certificate) chain[0]))
              .orElse(List.of());
      return new Credentials(
          request.headers().first(HeaderNames.AUTHORIZATION).orElse(null), names);
    }
  }
}
