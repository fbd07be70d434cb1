package io.canaryjudge.server.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.server.store.RunRecord;
import io.canaryjudge.server.store.StoredNotification;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is sent, in each form. */
class MessagesTest {

  static final ObjectMapper JSON = new ObjectMapper();
  static final String RUN = "7d2f1c1e-3b1c-4c55-9d0e-0a4a3c7a9a11";
  private static final long NOW = 1_763_712_060_000L; // 2025-11-21T08:01:00Z
  private static final String NASTY = "<!channel> & <https://evil|click> *[x](https://evil)*";

  /** One event of each kind, as it is stored. */
  static List<StoredNotification> events() {
    return Stream.of(
            stored(
                TestRuns.POLICY,
                new LogEntry.StepReported(NOW, 1, 12.5),
                new LogEntry.CheckReported(
                    NOW, "smoke", CheckOutcome.FAILED, "404", "https://ci/7"),
                new LogEntry.Overridden(NOW, Decision.GO, "Sam", NASTY)),
            stored(TestRuns.POLICY, new LogEntry.Cancelled(NOW, "Kim", "wrong build")).skip(1),
            stored(TestRuns.TIMED_POLICY, new LogEntry.StepReported(NOW, 1, 25)).skip(2))
        .flatMap(each -> each)
        .toList();
  }

  private static Stream<StoredNotification> stored(String policy, LogEntry... entries) {
    RunRecord run = TestRuns.run(RUN, "checkout");
    List<RunEvent> events = new ArrayList<>();
    events.add(RunEvents.opened(run, NOW));
    events.addAll(RunEvents.of(run, null, TestRuns.commit(policy, RUN, entries), NOW));
    return events.stream().map(MessagesTest::stored);
  }

  private static StoredNotification stored(RunEvent event) {
    return new StoredNotification(
        1,
        event.id(),
        "x",
        RUN,
        event.kind().word(),
        event.facts().toString(),
        StoredNotification.State.WAITING,
        0,
        NOW,
        NOW,
        NOW,
        0,
        "");
  }

  static Message write(StoredNotification notification, Form form) {
    return new Messages("https://judge.example")
        .write(notification, TestTargets.target("x", URI.create("http://localhost"), form));
  }

  private static StoredNotification of(EventKind kind) {
    return events().stream()
        .filter(each -> each.kind().equals(kind.word()))
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode body(EventKind kind, Form form) throws Exception {
    return JSON.readTree(write(of(kind), form).body());
  }

  @ParameterizedTest
  @EnumSource
  void thereIsAMessageForEachKind(EventKind kind) throws Exception {
    for (Form form : Form.values()) {
      Message message = write(of(kind), form);
      assertThat(message).isEqualTo(write(of(kind), form));
      assertThat(message.contentType()).startsWith("application/");
      assertThat(JSON.readTree(message.body()).isObject()).isTrue();
    }
  }

  @Test
  void cloudEventsHaveTheirAttributesAsHeaders() throws Exception {
    Message message = write(of(EventKind.DECIDED), Form.CLOUDEVENTS);
    assertThat(message.contentType()).isEqualTo("application/json");
    assertThat(message.headers())
        .containsEntry("ce-specversion", "1.0")
        .containsEntry("ce-id", RUN + "-2-decided")
        .containsEntry("ce-source", "https://judge.example")
        .containsEntry("ce-type", "io.canaryjudge.run.decided")
        .containsEntry("ce-subject", "analysisRuns/" + RUN)
        .containsEntry("ce-time", "2025-11-21T08:01:00Z")
        .hasSize(6);
    JsonNode data = JSON.readTree(message.body());
    assertThat(data.path("decision").asText()).isEqualTo("NO_GO");
    assertThat(data.path("explanation").asText()).isEqualTo("NO_GO: check smoke failed: 404");
    assertThat(data.path("url").asText())
        .isEqualTo("https://judge.example/api/v1/analysisRuns/" + RUN);
    assertThat(data.at("/labels/team").asText()).isEqualTo("payments");
  }

  @Test
  void orAllInTheBody() throws Exception {
    Message message = write(of(EventKind.DECIDED), Form.CLOUDEVENTS_STRUCTURED);
    assertThat(message.contentType()).isEqualTo("application/cloudevents+json");
    assertThat(message.headers()).isEmpty();
    JsonNode event = JSON.readTree(message.body());
    assertThat(event.path("specversion").asText()).isEqualTo("1.0");
    assertThat(event.path("type").asText()).isEqualTo("io.canaryjudge.run.decided");
    assertThat(event.path("datacontenttype").asText()).isEqualTo("application/json");
    assertThat(event.path("data")).isEqualTo(body(EventKind.DECIDED, Form.CLOUDEVENTS));
  }

  @Test
  void headersAreAscii() {
    Told told =
        new Told("ä\"%\r\n", EventKind.OPENED, JSON.createObjectNode().put("time", "t"), "s", "");
    assertThat(CloudEvents.headers(told, "t", "x").get("ce-id")).isEqualTo("%C3%A4%22%25%0D%0A");
  }

  @Test
  void slackSaysTheVerdictFirstAndEscapesTheRest() throws Exception {
    JsonNode decided = body(EventKind.DECIDED, Form.SLACK);
    assertThat(decided.path("text").asText()).isEqualTo("NO_GO: checkout 1.5.0");
    assertThat(decided.at("/blocks/0/text/text").asText()).isEqualTo("NO_GO: checkout 1.5.0");
    assertThat(decided.at("/blocks/1/text/text").asText())
        .isEqualTo("NO_GO: check smoke failed: 404");
    assertThat(decided.at("/blocks/2/text/text").asText())
        .isEqualTo("• error_rate: nothing seen of the canary. Waiting for samples.");
    assertThat(decided.at("/blocks/3/elements/0/text").asText())
        .isEqualTo(
            "Baseline 1.4.2, run "
                + RUN
                + ", policy checked revision 3, <https://judge.example/api/v1/analysisRuns/"
                + RUN
                + "|details>");

    JsonNode overridden = body(EventKind.OVERRIDDEN, Form.SLACK);
    assertThat(overridden.at("/blocks/0/text/text").asText())
        .isEqualTo("GO by Sam: checkout 1.5.0");
    assertThat(overridden.at("/blocks/1/text/text").asText())
        .startsWith("GO by Sam: &lt;!channel&gt; &amp; &lt;https://evil|click&gt;")
        .doesNotContain("<");
    assertThat(overridden.at("/blocks/1/text/verbatim").asBoolean()).isTrue();
    for (StoredNotification each : events()) {
      for (JsonNode block : JSON.readTree(write(each, Form.SLACK).body()).path("blocks")) {
        int most = block.path("type").asText().equals("header") ? 150 : 3_000;
        assertThat(block.at("/text/text").asText().length()).isLessThanOrEqualTo(most);
      }
    }
  }

  @Test
  void teamsReadsNoMarkdownInNames() throws Exception {
    JsonNode card = body(EventKind.OVERRIDDEN, Form.TEAMS).at("/attachments/0/content");
    assertThat(card.path("type").asText()).isEqualTo("AdaptiveCard");
    assertThat(card.at("/body/0/inlines/0/text").asText()).isEqualTo("GO by Sam: checkout 1.5.0");
    assertThat(card.at("/body/1/inlines/0/text").asText()).contains(NASTY);
    for (JsonNode element : card.path("body")) {
      assertThat(element.path("type").asText()).isEqualTo("RichTextBlock");
      assertThat(element.at("/inlines/0/type").asText()).isEqualTo("TextRun");
    }
    assertThat(card.at("/actions/0/url").asText()).startsWith("https://judge.example/");
    assertThat(card.toString().length()).isLessThan(28_000);
  }

  @Test
  void titlesAreShort() throws Exception {
    List<String> titles = new ArrayList<>();
    for (StoredNotification each : events()) {
      titles.add(JSON.readTree(write(each, Form.SLACK).body()).path("text").asText());
    }
    assertThat(titles)
        .containsExactly(
            "Started: checkout 1.5.0 against 1.4.2",
            "Step 1 at 12.5 %, WAIT: checkout 1.5.0",
            "Check smoke failed: checkout 1.5.0",
            "NO_GO: checkout 1.5.0",
            "Ended with NO_GO: checkout 1.5.0",
            "GO by Sam: checkout 1.5.0",
            "Cancelled: checkout 1.5.0",
            "Ended with INCONCLUSIVE: checkout 1.5.0",
            "Check migration expired: checkout 1.5.0");
    assertThat(body(EventKind.CHECK_EXPIRED, Form.SLACK).at("/blocks/2/text/text").asText())
        .isEqualTo("• Check migration expired: it had to pass before step 1");
  }

  @Test
  void whatIsNoNotificationIsNotSent() {
    StoredNotification stored = of(EventKind.DECIDED);
    StoredNotification unknown =
        new StoredNotification(
            1, "e", "x", RUN, "bored", "{}", stored.state(), 0, NOW, NOW, NOW, 0, "");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> write(unknown, Form.SLACK))
        .withMessageContaining("kind: bored");
  }
}
