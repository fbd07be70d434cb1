package io.canaryjudge.server.notify;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;

/**
 * A receiver of notifications.
 *
 * @param name unique
 * @param url where messages go; empty if {@code urlFile} has it
 * @param urlFile file with the URL, for those that are a secret; read for each attempt
 * @param form what messages look like
 * @param events what it is told of
 * @param services of which services: names, or beginnings of names followed by {@code *}; empty for
 *     all
 * @param secret signs messages, {@code whsec_…}; empty if {@code secretFile} has it or nothing does
 * @param secretFile file with one such secret per line; read for each attempt
 * @param tokenFile file with a bearer token; read for each attempt
 * @param trust authorities of its certificate; empty for those that the JDK trusts
 * @param environment what CDEvents say of runs without a label {@code environment}
 */
public record Target(
    String name,
    Optional<URI> url,
    Optional<Path> urlFile,
    Form form,
    Set<EventKind> events,
    List<String> services,
    String secret,
    Optional<Path> secretFile,
    Optional<Path> tokenFile,
    Optional<SSLContext> trust,
    String environment) {

  /** Copies the collections. */
  public Target {
    events = Set.copyOf(events);
    services = List.copyOf(services);
  }

  /** Whether it is to be told of something. */
  boolean wants(EventKind kind, String service) {
    return events.contains(kind)
        && (services.isEmpty() || services.stream().anyMatch(each -> matches(each, service)));
  }

  private static boolean matches(String pattern, String service) {
    return pattern.endsWith("*")
        ? service.startsWith(pattern.substring(0, pattern.length() - 1))
        : service.equals(pattern);
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return "Target[" + name + ", " + form + "]";
  }
}
