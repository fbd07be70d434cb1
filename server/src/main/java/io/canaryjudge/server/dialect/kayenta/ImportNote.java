package io.canaryjudge.server.dialect.kayenta;

/**
 * One thing that an import could not carry over as it was.
 *
 * @param field where it is in the canary config: {@code metrics[2].analysisConfigurations}
 * @param what became of it, and why
 */
public record ImportNote(String field, String what) {

  @Override
  public String toString() {
    return field + ": " + what;
  }
}
