package io.canaryjudge.server.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.server.store.StoredNotification;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The receiver in Python that docs/notifications.md shows, as it stands. */
@Timeout(120)
class WebhookReceiverTest {

  private static final Path SCRIPT = Path.of("../docs/examples/python/webhook_receiver.py");
  private static final Path PAGE = Path.of("../docs/notifications.md");

  @TempDir private Path directory;
  private Process process;
  private BufferedReader out;
  private URI url;

  @BeforeEach
  void start() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), TestTargets.SECRET + "\n");
    process =
        new ProcessBuilder("python3", SCRIPT.toString(), "0", secret.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    assertThat(line).startsWith("listening on ");
    url = URI.create("http://127.0.0.1:" + line.substring("listening on ".length()));
  }

  @AfterEach
  void stop() throws Exception {
    process.destroyForcibly();
    process.waitFor(30, TimeUnit.SECONDS);
  }

  private Attempt send(InstantSource clock, String secret, int attempt) throws Exception {
    StoredNotification decided = MessagesTest.events().get(3);
    Target usual = TestTargets.target("x", url);
    Target target =
        new Target(
            usual.name(),
            usual.url(),
            usual.urlFile(),
            usual.form(),
            usual.events(),
            usual.services(),
            secret,
            usual.secretFile(),
            usual.tokenFile(),
            usual.trust(),
            usual.environment());
    try (WebhookClient client =
        new WebhookClient(target, new Messages(""), Duration.ofSeconds(60), clock)) {
      return client.send(decided, attempt);
    }
  }

  @Test
  void takesWhatIsGenuineAndDoesNothingTwice() throws Exception {
    InstantSource now = InstantSource.system();
    assertThat(send(now, TestTargets.SECRET, 1)).isEqualTo(Attempt.DELIVERED);
    assertThat(out.readLine()).isEqualTo("decided checkout 1.5.0: NO_GO");
    assertThat(send(now, TestTargets.SECRET, 2)).isEqualTo(Attempt.DELIVERED);
    assertThat(out.readLine())
        .isEqualTo("again: " + MessagesTest.events().get(3).event() + ", attempt 2");
  }

  @Test
  void refusesWhatIsNot() throws Exception {
    InstantSource now = InstantSource.system();
    InstantSource before = InstantSource.offset(now, Duration.ofMinutes(-6));
    String other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for (Attempt refused :
        List.of(send(now, other, 1), send(now, "", 1), send(before, TestTargets.SECRET, 1))) {
      assertThat(refused.problem()).isEqualTo("status 401");
    }
    assertThat(send(InstantSource.fixed(Instant.now()), TestTargets.SECRET, 1))
        .isEqualTo(Attempt.DELIVERED);
    assertThat(out.readLine()).startsWith("decided");
  }

  @Test
  void thePageShowsWhatItDoes() throws Exception {
    String script = Files.readString(SCRIPT);
    String page = Files.readString(PAGE);
    String shown = page.substring(page.indexOf("```python\n") + 10);
    for (String line : shown.substring(0, shown.indexOf("```")).lines().toList()) {
      assertThat(script).contains(line);
    }
  }

  @Test
  void thePageHasEveryEventFormAndOutcome() throws Exception {
    String page = Files.readString(PAGE);
    for (EventKind kind : EventKind.values()) {
      assertThat(page).contains("| `" + kind.word() + "` |");
    }
    for (AttemptOutcome outcome : AttemptOutcome.values()) {
      if (outcome != AttemptOutcome.DELIVERED) {
        assertThat(page).contains("`" + outcome.label() + "`");
      }
    }
    for (Form form : Form.values()) {
      assertThat(page)
          .contains("| `" + form.name().toLowerCase(Locale.ROOT).replace('_', '-') + "` |");
    }
  }
}
