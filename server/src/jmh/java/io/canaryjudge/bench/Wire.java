package io.canaryjudge.bench;

/** The protocols by which foreign series come. */
enum Wire {
  OTLP_GRPC(""),
  OTLP_HTTP("application/x-protobuf"),
  WRITE_1("application/x-protobuf"),
  WRITE_2("application/x-protobuf;proto=io.prometheus.write.v2.Request");

  private final String contentType;

  Wire(String contentType) {
    this.contentType = contentType;
  }

  /** Of its bodies, over HTTP. */
  String contentType() {
    return contentType;
  }

  boolean isRemoteWrite() {
    return this == WRITE_1 || this == WRITE_2;
  }

  /** Where it is posted, over HTTP. */
  String path() {
    return isRemoteWrite() ? "/api/v1/write" : "/v1/metrics";
  }
}
