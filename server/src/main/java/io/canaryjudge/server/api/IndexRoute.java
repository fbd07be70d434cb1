package io.canaryjudge.server.api;

import io.helidon.http.Status;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Says in plain text where things are. */
final class IndexRoute {

  private final List<HttpRoute> routes;

  IndexRoute(List<HttpRoute> routes) {
    this.routes = List.copyOf(routes);
  }

  HttpRoute route() {
    return HttpRoute.system("GET", "/", this::index);
  }

  private void index(HttpCall call) {
    StringBuilder text = new StringBuilder("Canary Judge\n\n");
    for (HttpRoute route : routes) {
      text.append("%-6s %s%n".formatted(route.method(), route.path()));
    }
    text.append("\ngRPC has a port of its own, with reflection: see docs/api.md\n");
    call.answer(
        Status.OK_200,
        "text/plain; charset=utf-8",
        text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
