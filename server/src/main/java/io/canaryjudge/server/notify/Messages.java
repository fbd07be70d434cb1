package io.canaryjudge.server.notify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.server.store.StoredNotification;

/** Writes a notification in the form that its target wants. */
final class Messages {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String UNKNOWN_SOURCE = "/canary-judge";

  private final String publicUrl;

  Messages(String publicUrl) {
    this.publicUrl = publicUrl;
  }

  /**
   * Writes one; the same for each attempt.
   *
   * @throws IllegalArgumentException if what is stored is not a notification
   */
  Message write(StoredNotification notification, Target target) {
    JsonNode facts;
    try {
      facts = JSON.readTree(notification.content());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("content: " + e.getOriginalMessage(), e);
    }
    EventKind kind =
        EventKind.of(notification.kind())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "kind: "
                            + notification.kind()
                            + " (expected: one that this server knows)"));
    Told told = new Told(notification.event(), kind, facts, source(), link(facts));
    return switch (target.form()) {
      case CLOUDEVENTS -> CloudEvents.binary(told);
      case CLOUDEVENTS_STRUCTURED -> CloudEvents.structured(told);
      case CDEVENTS -> CdEvents.write(told, target.environment());
      case SLACK -> SlackMessages.write(told);
      case TEAMS -> TeamsMessages.write(told);
    };
  }

  private String source() {
    return publicUrl.isEmpty() ? UNKNOWN_SOURCE : publicUrl;
  }

  private String link(JsonNode facts) {
    return publicUrl.isEmpty() ? "" : publicUrl + "/api/v1/" + facts.path("run").asText();
  }
}
