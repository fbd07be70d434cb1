package io.canaryjudge.server.api;

import java.util.List;

/** Routes that belong together. */
@FunctionalInterface
public interface RouteGroup {

  /** The routes; literal paths before those with variables that would match them too. */
  List<HttpRoute> routes();
}
