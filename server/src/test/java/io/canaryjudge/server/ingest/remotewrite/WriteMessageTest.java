package io.canaryjudge.server.ingest.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WriteMessageTest {

  @ParameterizedTest
  @CsvSource({
    "application/x-protobuf, V1",
    "Application/X-Protobuf, V1",
    "application/x-protobuf;proto=prometheus.WriteRequest, V1",
    "application/x-protobuf; charset=utf-8, V1",
    "application/x-protobuf;proto=io.prometheus.write.v2.Request, V2",
    "'application/x-protobuf ; PROTO=\"io.prometheus.write.v2.Request\"', V2",
  })
  void aContentTypeTellsTheMessage(String contentType, WriteMessage message) {
    assertThat(WriteMessage.of(contentType)).contains(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nothing",
        "application/json",
        "application/protobuf",
        "text/plain;proto=io.prometheus.write.v2.Request",
        "application/x-protobuf;proto=io.prometheus.write.v3.Request",
        "application/x-protobuf;proto=",
      })
  void anythingElseIsNeither(String contentType) {
    assertThat(WriteMessage.of(contentType)).isEmpty();
  }
}
