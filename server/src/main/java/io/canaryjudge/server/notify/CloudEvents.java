package io.canaryjudge.server.notify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * CloudEvents 1.0, and their binding to HTTP
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md).
 */
final class CloudEvents {

  static final String JSON_TYPE = "application/json";
  private static final String STRUCTURED_TYPE = "application/cloudevents+json";
  private static final String TYPE_PREFIX = "io.canaryjudge.run.";
  private static final String SPEC_VERSION = "1.0";
  private static final ObjectMapper JSON = new ObjectMapper();

  private CloudEvents() {}

  /** Attributes as headers, data as body. */
  static Message binary(Told told) {
    return new Message(
        JSON_TYPE, headers(told, type(told), told.text("run")), told.data().toString());
  }

  /** Headers of an event in binary mode. */
  static SortedMap<String, String> headers(Told told, String type, String subject) {
    SortedMap<String, String> headers = new TreeMap<>();
    headers.put("ce-specversion", SPEC_VERSION);
    headers.put("ce-id", encode(told.id()));
    headers.put("ce-source", encode(told.source()));
    headers.put("ce-type", type);
    headers.put("ce-subject", encode(subject));
    headers.put("ce-time", told.text("time"));
    return headers;
  }

  /** All of it as body. */
  static Message structured(Told told) {
    ObjectNode event =
        JSON.createObjectNode()
            .put("specversion", SPEC_VERSION)
            .put("id", told.id())
            .put("source", told.source())
            .put("type", type(told))
            .put("subject", told.text("run"))
            .put("time", told.text("time"))
            .put("datacontenttype", JSON_TYPE);
    event.set("data", told.data());
    return new Message(STRUCTURED_TYPE, new TreeMap<>(), event.toString());
  }

  private static String type(Told told) {
    return TYPE_PREFIX + told.kind().word();
  }

  /** Section 3.1.3.2: what is not printable ASCII, space, quote and percent are encoded. */
  private static String encode(String value) {
    StringBuilder encoded = new StringBuilder();
    for (byte each : value.getBytes(StandardCharsets.UTF_8)) {
      if (each > ' ' && each < 0x7f && each != '"' && each != '%') {
        encoded.append((char) each);
      } else {
        encoded.append('%').append("%02X".formatted(each & 0xff));
      }
    }
    return encoded.toString();
  }
}
