package io.canaryjudge.server.ingest.remotewrite;

import java.util.Locale;
import java.util.Optional;

/** The messages that a write request can be, told by its content type. */
public enum WriteMessage {
  /** {@code prometheus.WriteRequest}, of remote write 1.0. */
  V1("prometheus.WriteRequest"),

  /** {@code io.prometheus.write.v2.Request}, of remote write 2.0. */
  V2("io.prometheus.write.v2.Request");

  /** The content types that are read, for error messages. */
  public static final String CONTENT_TYPES =
      "application/x-protobuf, alone or with proto=" + V1.message + " or proto=" + V2.message;

  private final String message;

  WriteMessage(String message) {
    this.message = message;
  }

  /** Full name of the message. */
  String messageName() {
    return message;
  }

  /**
   * What a content type says. Without the parameter {@code proto} it is version 1.0, as that
   * version's senders know no parameter.
   *
   * @return empty if it is neither of the messages
   */
  public static Optional<WriteMessage> of(String contentType) {
    String[] parts = contentType.split(";", -1);
    if (!parts[0].trim().equalsIgnoreCase("application/x-protobuf")) {
      return Optional.empty();
    }
    WriteMessage found = V1;
    for (int i = 1; i < parts.length; i++) {
      String[] parameter = parts[i].split("=", 2);
      if (parameter.length == 2 && parameter[0].trim().toLowerCase(Locale.ROOT).equals("proto")) {
        String value = parameter[1].trim().replace("\"", "");
        if (value.equals(V1.message)) {
          found = V1;
        } else if (value.equals(V2.message)) {
          found = V2;
        } else {
          return Optional.empty();
        }
      }
    }
    return Optional.of(found);
  }
}
