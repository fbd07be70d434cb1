package io.canaryjudge.server;

/** Ways by which a service's own telemetry reaches the judge. */
enum ForeignWay {
  /** Over gRPC, what each interval added. */
  OTLP_GRPC_DELTA,

  /** Over HTTP in protobuf, running totals. */
  OTLP_HTTP_CUMULATIVE,

  /** Over HTTP in JSON, running totals. */
  OTLP_JSON_CUMULATIVE,

  /** Counters with classic or native histograms, and a gauge for the start of the process. */
  REMOTE_WRITE_1,

  /** The same with types and start times. */
  REMOTE_WRITE_2
}
