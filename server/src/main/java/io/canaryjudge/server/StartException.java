package io.canaryjudge.server;

import io.canaryjudge.server.config.ServerConfig;
import java.net.BindException;

/** The server cannot start, for a reason that whoever starts it can do something about. */
public final class StartException extends RuntimeException {

  StartException(String message, Throwable cause) {
    super(message, cause);
  }

  /** One line for people: what is missing, and which setting it is about. */
  static String explain(ServerConfig config, Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException) {
        return "cannot listen on "
            + config.listen()
            + ", ports "
            + config.grpc().port()
            + " (grpc.port) and "
            + config.http().port()
            + " (http.port): "
            + cause.getMessage();
      }
    }
    String message = error.getMessage();
    return "cannot start: " + (message == null ? error : message);
  }
}
