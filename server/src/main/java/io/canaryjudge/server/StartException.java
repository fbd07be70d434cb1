package io.canaryjudge.server;

import io.canaryjudge.server.config.ServerConfig;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.net.BindException;
import java.util.List;
import java.util.stream.Collectors;

/** The server cannot start, for a reason that whoever starts it can do something about. */
public final class StartException extends RuntimeException {

  private static final int MAX_LINES = 200;

  private final boolean ofFiles;

  private StartException(String message, boolean ofFiles, Throwable cause) {
    super(message, cause);
    this.ofFiles = ofFiles;
  }

  static StartException of(ServerConfig config, Throwable error) {
    boolean ofFiles = error instanceof JudgeException known && !known.violations().isEmpty();
    return new StartException(explain(config, error), ofFiles, error);
  }

  /** Whether files are to blame, so that trying again without changing them is of no use. */
  boolean ofFiles() {
    return ofFiles;
  }

  /** For people: what is missing, and which setting it is about. */
  private static String explain(ServerConfig config, Throwable error) {
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
    if (error instanceof JudgeException known && !known.violations().isEmpty()) {
      return list(known.violations());
    }
    String message = error.getMessage();
    return "cannot start: " + (message == null ? error : message);
  }

  /** A line for each. */
  private static String list(List<FieldViolation> violations) {
    String lines =
        violations.stream()
            .limit(MAX_LINES)
            .map(FieldViolation::toString)
            .collect(
                Collectors.joining(
                    "\n", "cannot start: " + violations.size() + " violations:\n", ""));
    int left = violations.size() - MAX_LINES;
    return left > 0 ? lines + "\n… and " + left + " more" : lines;
  }
}
