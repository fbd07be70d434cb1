package io.canaryjudge.server.run;

/** Where samples come in. */
public enum Door {
  /** {@code Judge.StreamSamples}. */
  GRPC("grpc"),

  /** OpenTelemetry's protocol, over gRPC and HTTP. */
  OTLP("otlp"),

  /** Prometheus remote write. */
  REMOTE_WRITE("remote_write"),

  /** Queries to a Prometheus-compatible server. */
  PROMQL("promql");

  private final String label;

  Door(String label) {
    this.label = label;
  }

  /** Name for metrics and logs. */
  public String label() {
    return label;
  }
}
