package io.canaryjudge.cli;

import java.io.Console;
import java.util.Map;
import java.util.Optional;

/**
 * What a command is called from.
 *
 * @param environment the environment variables
 * @param terminal whether a person watches: standard input and output are a terminal
 */
record Shell(Map<String, String> environment, boolean terminal) {

  Shell {
    environment = Map.copyOf(environment);
  }

  // Null where standard input or output is redirected, unless another console was chosen.
  @SuppressWarnings("SystemConsoleNull")
  static Shell ofProcess() {
    Console console = System.console();
    return new Shell(System.getenv(), console != null && console.isTerminal());
  }

  /** A variable; empty if it is unset or empty. */
  Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  /** Whether a line can be written over. */
  boolean redraws() {
    return terminal && !"dumb".equals(environment.get("TERM"));
  }

  /** Whether to colour (no-color.org). */
  boolean colour() {
    return redraws() && variable("NO_COLOR").isEmpty();
  }
}
