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

  private static final String OWN = "~";

  private final String label;

  Door(String label) {
    this.label = label;
  }

  /** Name for metrics and logs. */
  public String label() {
    return label;
  }

  /**
   * The producer by which the judge sends itself what comes in here without one. No client can have
   * this name.
   */
  public String producer() {
    return OWN + label;
  }

  /** Whether a producer is the judge itself. */
  static boolean isOwn(String producer) {
    return producer.startsWith(OWN);
  }
}
