package io.canaryjudge.server.config;

import io.canaryjudge.server.notify.Credentials;
import io.canaryjudge.server.notify.EventKind;
import io.canaryjudge.server.notify.Form;
import io.canaryjudge.server.notify.Signature;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** Settings of notifications. */
final class NotifyConfigReader {

  static final String TARGETS = "notify.targets";

  private static final int MOST_TARGETS = 50;
  private static final String NAME = "[a-z][a-z0-9-]{0,40}";
  private static final String URL = "http://HOST:PORT/PATH, or https, without credentials";

  private final SettingReader read;

  NotifyConfigReader(SettingReader read) {
    this.read = read;
  }

  ServerConfig.Notify read() {
    String publicUrl =
        read.text(
            "notify.public-url", "", "Where people and tools reach this server; begins links.");
    if (!publicUrl.isEmpty() && Credentials.url(publicUrl).isEmpty()) {
      read.refuse("notify.public-url", publicUrl, URL);
    }
    return new ServerConfig.Notify(
        targets(),
        publicUrl.endsWith("/") ? publicUrl.substring(0, publicUrl.length() - 1) : publicUrl,
        read.duration(
            "notify.timeout",
            Duration.ofSeconds(10),
            Duration.ofMillis(100),
            Duration.ofMinutes(1),
            "How long an attempt to deliver a notification may take."),
        read.duration(
            "notify.max-age",
            Duration.ofHours(24),
            Duration.ofSeconds(1),
            Duration.ofDays(30),
            "Age at which a notification that was not taken is given up."),
        read.duration(
            "notify.retention",
            Duration.ofDays(7),
            Duration.ofMinutes(1),
            Duration.ofDays(365),
            "How long notifications that were delivered or given up are kept."),
        read.number("notify.concurrency", 4, 1, 64, "Attempts at once for each target."),
        read.number(
            "notify.max-waiting",
            10_000,
            1,
            1_000_000,
            "Notifications that may wait for each target; more are given up at once."));
  }

  private List<ServerConfig.NotifyTarget> targets() {
    SortedSet<String> names = read.names(TARGETS);
    if (names.size() > MOST_TARGETS) {
      read.refuse(TARGETS, names.size() + " targets", "at most " + MOST_TARGETS);
    }
    List<ServerConfig.NotifyTarget> targets = new ArrayList<>();
    for (String name : names) {
      if (!name.matches(NAME)) {
        read.refuse(TARGETS + "." + name, name, "a name: small letters, digits and hyphens");
      }
      targets.add(target(name, TARGETS + "." + name + "."));
    }
    return targets;
  }

  private ServerConfig.NotifyTarget target(String name, String prefix) {
    String url = read.secret(prefix + "url", "Where messages go; best from the environment.");
    Optional<Path> urlFile =
        read.path(prefix + "url-file", "File with that URL instead; read for each attempt.");
    Form form =
        read.choice(
            prefix + "form",
            Form.class,
            Form.CLOUDEVENTS,
            "cloudevents, cloudevents-structured, cdevents, slack or teams.");
    Set<EventKind> events = events(prefix + "events");
    List<String> services =
        read.words(prefix + "services", "", "Of which services; checkout-* for all that begin so.");
    String secret =
        read.secret(prefix + "secret", "Signs messages: whsec_ and Base64; best in a file.");
    Optional<Path> secretFile =
        read.path(prefix + "secret-file", "File with a secret per line; read for each attempt.");
    return new ServerConfig.NotifyTarget(
        name,
        url(prefix + "url", url, urlFile),
        urlFile,
        form,
        events,
        services,
        secret(prefix, secret, secretFile),
        secretFile,
        read.path(prefix + "token-file", "File with a bearer token; read for each attempt."),
        read.path(prefix + "ca-file", "PEM file: authority of its certificate, if not public."),
        read.text(
            prefix + "environment",
            "production",
            "Environment in CDEvents of runs without a label environment."));
  }

  private Optional<URI> url(String key, String text, Optional<Path> file) {
    if (text.isEmpty() == file.isEmpty()) {
      read.refuse(key, text.isEmpty() ? "nothing" : "both", "either this or url-file");
      return Optional.empty();
    }
    Optional<URI> url = Credentials.url(text);
    if (!text.isEmpty() && url.isEmpty()) {
      read.refuse(key, "not such a URL", URL); // not repeated: it may be a secret
    }
    return url;
  }

  private String secret(String prefix, String secret, Optional<Path> file) {
    if (!secret.isEmpty() && file.isPresent()) {
      read.refuse(prefix + "secret", "both", "either this or secret-file");
    }
    if (!secret.isEmpty() && !Signature.isSecret(secret)) {
      read.refuse(prefix + "secret", "not such a secret", Signature.EXPECTED);
    }
    return secret;
  }

  private Set<EventKind> events(String key) {
    Set<EventKind> events = EnumSet.noneOf(EventKind.class);
    for (String word :
        read.words(key, words(EventKind.USUAL), "What it is told of; also there is: ended.")) {
      Optional<EventKind> kind = EventKind.of(word);
      if (kind.isEmpty()) {
        read.refuse(key, word, "some of " + words(Arrays.asList(EventKind.values())));
      }
      kind.ifPresent(events::add);
    }
    if (events.isEmpty()) {
      read.refuse(key, "nothing", "some of " + words(Arrays.asList(EventKind.values())));
    }
    return events;
  }

  private static String words(List<EventKind> kinds) {
    return kinds.stream().map(EventKind::word).collect(Collectors.joining(", "));
  }
}
