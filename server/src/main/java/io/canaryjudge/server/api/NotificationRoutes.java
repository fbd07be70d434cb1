package io.canaryjudge.server.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.Outbox;
import io.canaryjudge.server.store.Page;
import io.canaryjudge.server.store.StoredNotification;
import io.canaryjudge.server.store.StoredNotification.State;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** For operators: what became of notifications, and another try for those that were given up. */
public final class NotificationRoutes implements RouteGroup {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> PARAMETERS =
      Set.of("state", "target", "page_size", "page_token");

  private final Outbox outbox;
  private final InstantSource clock;

  /** Those over an outbox. */
  public NotificationRoutes(Outbox outbox, InstantSource clock) {
    this.outbox = outbox;
    this.clock = clock;
  }

  @Override
  public List<HttpRoute> routes() {
    return List.of(
        route("GET", "/notifications", this::list),
        route("POST", "/notifications/{id}/retry", this::retry));
  }

  private static HttpRoute route(String method, String path, HttpRoute.Handler handler) {
    return new HttpRoute(method, new PathTemplate(path), method + " " + path, false, handler);
  }

  private void list(HttpCall call) {
    Map<String, List<String>> query = call.query();
    for (String name : query.keySet()) {
      if (!PARAMETERS.contains(name)) {
        throw JudgeException.invalidField(name, query.get(name), "one of " + PARAMETERS);
      }
    }
    Page<StoredNotification> page =
        outbox.list(
            state(value(query, "state")),
            value(query, "target"),
            pageSize(value(query, "page_size")),
            value(query, "page_token"));
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode notifications = answer.putArray("notifications");
    page.items().forEach(each -> notifications.add(json(each)));
    answer.put("next_page_token", page.nextPageToken());
    call.answerJson(answer.toString());
  }

  private void retry(HttpCall call) throws IOException {
    if (!call.jsonBody().strip().matches("(\\{\\s*})?")) {
      throw JudgeException.invalidField("body", "something", "{}");
    }
    String id = call.pathValue("id");
    if (!id.matches("\\d{1,18}")) {
      throw notFound(id);
    }
    StoredNotification waiting =
        outbox
            .retry(Long.parseLong(id), clock.millis(), call.caller().name())
            .orElseThrow(() -> notFound(id));
    call.answerJson(json(waiting).toString());
  }

  private static JudgeException notFound(String id) {
    return JudgeException.of(
        ErrorReason.NOTIFICATION_NOT_FOUND,
        "There is no notification " + id + " that was given up.");
  }

  private static ObjectNode json(StoredNotification notification) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("id", notification.id())
            .put("event", notification.event())
            .put("target", notification.target())
            .put("run", "analysisRuns/" + notification.runId())
            .put("kind", notification.kind())
            .put("state", word(notification.state()))
            .put("attempts", notification.attempts())
            .put("create_time", time(notification.createMillis()));
    if (notification.state() == State.WAITING) {
      json.put("next_attempt_time", time(notification.nextMillis()));
    } else {
      json.put("end_time", time(notification.endMillis()));
    }
    return json.put("problem", notification.problem());
  }

  private static String time(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }

  private static String value(Map<String, List<String>> query, String name) {
    List<String> values = query.getOrDefault(name, List.of(""));
    if (values.size() != 1) {
      throw JudgeException.invalidField(name, values, "one value");
    }
    return values.getFirst();
  }

  private static @Nullable State state(String word) {
    if (word.isEmpty()) {
      return null;
    }
    for (State state : State.values()) {
      if (word(state).equals(word)) {
        return state;
      }
    }
    throw JudgeException.invalidField(
        "state",
        word,
        Arrays.stream(State.values())
            .map(NotificationRoutes::word)
            .collect(Collectors.joining(", ", "one of ", "")));
  }

  private static String word(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static int pageSize(String text) {
    try {
      return PageSizes.of(text.isEmpty() ? 0 : Integer.parseInt(text));
    } catch (NumberFormatException _) {
      throw JudgeException.invalidField("page_size", text, "a whole number");
    }
  }
}
