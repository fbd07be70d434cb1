package io.canaryjudge.server.config;

import java.util.List;

/** A configuration that the process cannot start with. */
public final class ConfigException extends RuntimeException {

  private final transient List<String> violations;

  ConfigException(List<String> violations) {
    super(String.join(System.lineSeparator(), violations));
    this.violations = List.copyOf(violations);
  }

  /** Every violation: the key, what came, and what was expected. */
  public List<String> violations() {
    return violations;
  }
}
