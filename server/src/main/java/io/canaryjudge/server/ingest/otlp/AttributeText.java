package io.canaryjudge.server.ingest.otlp;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.Base64;

/**
 * The value of an attribute as text, in the form that OpenTelemetry prescribes for systems that
 * know text only: numbers as in JSON, arrays and maps as JSON, bytes in base64. See "Mapping to
 * non-OTLP formats" in its specification.
 */
final class AttributeText {

  // Up to here every whole number has a double of its own.
  private static final double MAX_EXACT = 0x1p53;

  private AttributeText() {}

  /** The text; empty if there is no value. */
  static String of(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      case INT_VALUE -> Long.toString(value.getIntValue());
      case DOUBLE_VALUE -> number(value.getDoubleValue());
      case BYTES_VALUE -> base64(value);
      case ARRAY_VALUE, KVLIST_VALUE -> {
        StringBuilder json = new StringBuilder();
        write(value, json);
        yield json.toString();
      }
      // An index into a table that only profiles have is to be taken for nothing.
      case STRING_VALUE_STRINDEX, VALUE_NOT_SET -> "";
    };
  }

  /** 2 rather than 2.0, as most senders would print it. */
  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) <= MAX_EXACT
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static String base64(AnyValue value) {
    return Base64.getEncoder().encodeToString(value.getBytesValue().toByteArray());
  }

  /** Nested at most as deep as the parser of messages allows. */
  private static void write(AnyValue value, StringBuilder json) {
    switch (value.getValueCase()) {
      case STRING_VALUE -> quote(value.getStringValue(), json);
      case BYTES_VALUE -> quote(base64(value), json);
      case BOOL_VALUE -> json.append(value.getBoolValue());
      case INT_VALUE -> json.append(value.getIntValue());
      case DOUBLE_VALUE -> {
        double number = value.getDoubleValue();
        if (Double.isFinite(number)) {
          json.append(number(number));
        } else {
          quote(number(number), json);
        }
      }
      case ARRAY_VALUE -> {
        String separator = "[";
        for (AnyValue element : value.getArrayValue().getValuesList()) {
          json.append(separator);
          write(element, json);
          separator = ",";
        }
        json.append(separator.equals("[") ? "[]" : "]");
      }
      case KVLIST_VALUE -> {
        String separator = "{";
        for (KeyValue entry : value.getKvlistValue().getValuesList()) {
          json.append(separator);
          quote(entry.getKey(), json);
          json.append(':');
          write(entry.getValue(), json);
          separator = ",";
        }
        json.append(separator.equals("{") ? "{}" : "}");
      }
      case STRING_VALUE_STRINDEX, VALUE_NOT_SET -> json.append("null");
    }
  }

  private static void quote(String text, StringBuilder json) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
