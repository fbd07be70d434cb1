package io.canaryjudge.server.notify;

import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Targets and settings with little to say. */
final class TestTargets {

  static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  private TestTargets() {}

  static Target target(String name, URI url) {
    return target(name, url, Form.CLOUDEVENTS);
  }

  static Target target(String name, URI url, Form form) {
    return new Target(
        name,
        Optional.of(url),
        Optional.empty(),
        form,
        EnumSet.allOf(EventKind.class),
        List.of(),
        SECRET,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        "production");
  }

  static Target choosing(String name, Set<EventKind> events, String... services) {
    return new Target(
        name,
        Optional.of(URI.create("http://localhost")),
        Optional.empty(),
        Form.CLOUDEVENTS,
        events,
        List.of(services),
        "",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        "production");
  }

  static NotifySettings settings(Target... targets) {
    return new NotifySettings(
        List.of(targets),
        "https://judge.example",
        Duration.ofSeconds(20),
        Duration.ofHours(1),
        Duration.ofDays(7),
        2,
        100);
  }
}
