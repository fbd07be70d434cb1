package io.canaryjudge.server.run;

/** Where samples come in. */
public enum Door {
  /** {@code Judge.StreamSamples}. */
  GRPC("grpc");

  private final String label;

  Door(String label) {
    this.label = label;
  }

  /** Name for metrics and logs. */
  public String label() {
    return label;
  }
}
