package io.canaryjudge.server.api;

import java.io.IOException;

/**
 * One method on one path.
 *
 * @param method such as GET
 * @param path such as {@code /api/v1/policies/{policy}}
 * @param operation what {@link io.canaryjudge.server.security.Access} is asked for: the full name
 *     of the RPC that this is a view of, or else method and path
 * @param alwaysOn whether it is answered while the server starts and drains, too
 * @param handler answers it
 * @param errors the form of its errors
 */
public record HttpRoute(
    String method,
    PathTemplate path,
    String operation,
    boolean alwaysOn,
    Handler handler,
    ErrorForm errors) {

  /** A route whose errors are problem documents. */
  HttpRoute(String method, PathTemplate path, String operation, boolean alwaysOn, Handler handler) {
    this(method, path, operation, alwaysOn, handler, ErrorForm.PROBLEM);
  }

  /**
   * A route of another tool's dialect, answered while the server is ready.
   *
   * @param path such as {@code /kayenta/canary/{id}}
   */
  public static HttpRoute of(
      String method, String path, String operation, Handler handler, ErrorForm errors) {
    return new HttpRoute(method, new PathTemplate(path), operation, false, handler, errors);
  }

  /** Answers a request. */
  @FunctionalInterface
  public interface Handler {

    /** Answers; may wait. What it throws is answered in the form of the route's errors. */
    void handle(HttpCall call) throws IOException;
  }

  /** Method and pattern, for metrics. */
  String label() {
    return method + " " + path;
  }

  /** A route that is not the view of an RPC and works at all times. */
  static HttpRoute system(String method, String path, Handler handler) {
    return new HttpRoute(method, new PathTemplate(path), method + " " + path, true, handler);
  }
}
