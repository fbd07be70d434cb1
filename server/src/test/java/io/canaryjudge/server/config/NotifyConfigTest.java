package io.canaryjudge.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.canaryjudge.server.notify.EventKind;
import io.canaryjudge.server.notify.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Targets of notifications have names of their own among the settings. */
class NotifyConfigTest {

  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  @TempDir private Path directory;

  private static ServerConfigLoader.Loaded load(
      Optional<Path> file, Map<String, String> environment, Map<String, String> flags) {
    return ServerConfigLoader.load(file, environment, flags);
  }

  @Test
  void nobodyIsToldUnlessATargetIsSet() {
    ServerConfig.Notify notify =
        load(Optional.empty(), Map.of(), Map.of()).config().notifications();
    assertThat(notify.targets()).isEmpty();
    assertThat(notify.maxAge()).isEqualTo(Duration.ofHours(24));
  }

  @Test
  void targetsStandUnderTheirNamesInTheFileAndTheirSecretsInTheEnvironment() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("judge.yaml"),
            """
            notify:
              public-url: https://judge.example/
              targets:
                deploys:
                  url: https://events.example/canary
                  events: [decided, overridden]
                  services: [checkout, "search-*"]
                team-chat:
                  form: slack
                  url-file: /run/secrets/slack
            """);
    ServerConfigLoader.Loaded loaded =
        load(
            Optional.of(file),
            Map.of("CANARY_JUDGE_NOTIFY_TARGETS_DEPLOYS_SECRET", SECRET),
            Map.of("notify.targets.deploys.form", "cdevents"));
    ServerConfig.Notify notify = loaded.config().notifications();
    assertThat(notify.publicUrl()).isEqualTo("https://judge.example");
    ServerConfig.NotifyTarget deploys = notify.targets().getFirst();
    assertThat(deploys.name()).isEqualTo("deploys");
    assertThat(deploys.url().orElseThrow()).hasToString("https://events.example/canary");
    assertThat(deploys.form()).isEqualTo(Form.CDEVENTS);
    assertThat(deploys.events()).containsExactlyInAnyOrder(EventKind.DECIDED, EventKind.OVERRIDDEN);
    assertThat(deploys.services()).containsExactly("checkout", "search-*");
    assertThat(deploys.secret()).isEqualTo(SECRET);
    ServerConfig.NotifyTarget chat = notify.targets().getLast();
    assertThat(chat.form()).isEqualTo(Form.SLACK);
    assertThat(chat.events()).containsExactlyInAnyOrderElementsOf(EventKind.USUAL);
    assertThat(chat.urlFile()).contains(Path.of("/run/secrets/slack"));

    assertThat(loaded.printed())
        .contains("notify.targets.deploys.url: \"********\"")
        .contains("notify.targets.deploys.events: \"decided, overridden\"")
        .doesNotContain(SECRET)
        .doesNotContain("events.example");
    assertThat(notify.toString()).doesNotContain(SECRET).doesNotContain("events.example");
  }

  @Test
  void whatIsPrintedReadsBackAsTheSame() throws IOException {
    Map<String, String> flags =
        Map.of(
            "notify.targets.a.url-file", "/url", "notify.targets.a.events", "decided, cancelled");
    ServerConfigLoader.Loaded loaded = load(Optional.empty(), Map.of(), flags);
    Path printed = Files.writeString(directory.resolve("printed.yaml"), loaded.printed());
    assertThat(load(Optional.of(printed), Map.of(), Map.of()).config()).isEqualTo(loaded.config());
  }

  @Test
  void everythingThatIsWrongIsNamedAtOnce() {
    Map<String, String> flags = new TreeMap<>();
    flags.put("notify.public-url", "judge.example");
    flags.put("notify.max-age", "forever");
    flags.put("notify.targets.a.url", "https://user:sesame@events.example");
    flags.put("notify.targets.a.form", "smoke-signals");
    flags.put("notify.targets.a.events", "decided, rumours");
    flags.put("notify.targets.a.secret", "sesame");
    flags.put("notify.targets.b.secret", SECRET);
    flags.put("notify.targets.b.secret-file", "/secret");
    flags.put("notify.targets.c.url", "https://one");
    flags.put("notify.targets.c.url-file", "/other");
    flags.put("notify.targets.C.url", "https://one");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> load(Optional.empty(), Map.of(), flags))
        .satisfies(
            e ->
                assertThat(e.violations())
                    .noneMatch(each -> each.contains("sesame"))
                    .containsExactlyInAnyOrder(
                        "notify.public-url: judge.example (expected: http://HOST:PORT/PATH, or"
                            + " https, without credentials)",
                        "notify.max-age: forever (expected: a duration such as 250ms, 5s, 10m or 1h"
                            + " in [1s, 720h])",
                        "notify.targets.a.url: not such a URL (expected: http://HOST:PORT/PATH, or"
                            + " https, without credentials)",
                        "notify.targets.a.form: smoke-signals (expected: one of cloudevents,"
                            + " cloudevents-structured, cdevents, slack, teams)",
                        "notify.targets.a.events: rumours (expected: some of opened, step,"
                            + " check-failed, check-expired, decided, overridden, cancelled,"
                            + " ended)",
                        "notify.targets.a.secret: not such a secret (expected: whsec_ and 24 to 64"
                            + " random bytes in Base64, as from: openssl rand -base64 32)",
                        "notify.targets.b.url: nothing (expected: either this or url-file)",
                        "notify.targets.b.secret: both (expected: either this or secret-file)",
                        "notify.targets.c.url: both (expected: either this or url-file)",
                        "notify.targets.C: C (expected: a name: small letters, digits and"
                            + " hyphens)"));
  }

  @Test
  void aMistypedKeyOfATargetIsRefusedWithTheNearestOne() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                load(
                    Optional.empty(),
                    Map.of("CANARY_JUDGE_NOTIFY_TARGETS_B_URL", "https://b"),
                    Map.of("notify.targets.a.ulr", "https://a")))
        .satisfies(
            e ->
                assertThat(e.violations())
                    .contains(
                        "notify.targets.a.ulr: unknown key as a flag (nearest:"
                            + " notify.targets.a.url)",
                        "CANARY_JUDGE_NOTIFY_TARGETS_B_URL: unknown environment variable (nearest:"
                            + " CANARY_JUDGE_NOTIFY_TARGETS_A_URL)"));
  }
}
