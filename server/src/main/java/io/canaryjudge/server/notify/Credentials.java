package io.canaryjudge.server.notify;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where a target is and how it knows us, read for each attempt, so that what is renewed in a file
 * counts at once.
 */
public final class Credentials {

  private static final long MOST_BYTES = 64 << 10;

  /** Something that cannot be used; the message tells no secret. */
  static final class Unusable extends Exception {
    Unusable(String message) {
      super(message);
    }
  }

  private Credentials() {}

  /** Whether a text is where messages may go: http or https, with a host, without a user. */
  public static Optional<URI> url(String text) {
    try {
      URI url = new URI(text);
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      return http && url.getHost() != null && url.getUserInfo() == null
          ? Optional.of(url)
          : Optional.empty();
    } catch (URISyntaxException _) {
      return Optional.empty();
    }
  }

  /**
   * Checks what a target's files say now.
   *
   * @return whether messages to it are safe on their way: by HTTPS, or within this machine
   * @throws IOException naming the target and the file that cannot be used
   */
  public static boolean check(Target target) throws IOException {
    try {
      secrets(target);
      token(target);
      URI url = url(target);
      return "https".equals(url.getScheme()) || url.getHost().matches("localhost|127\\..*|\\[::1]");
    } catch (Unusable e) {
      throw new IOException("notify.targets." + target.name() + "." + e.getMessage(), e);
    }
  }

  static URI url(Target target) throws Unusable {
    if (target.url().isPresent()) {
      return target.url().get();
    }
    Path file = target.urlFile().orElseThrow(() -> new Unusable("no URL"));
    List<String> lines = lines("url-file", file);
    return (lines.size() == 1 ? url(lines.getFirst()) : Optional.<URI>empty())
        .orElseThrow(
            () -> new Unusable("url-file: " + file + " (expected: one http or https URL)"));
  }

  /** Empty if messages are not signed. */
  static List<String> secrets(Target target) throws Unusable {
    if (target.secretFile().isEmpty()) {
      return target.secret().isEmpty() ? List.of() : List.of(target.secret());
    }
    Path file = target.secretFile().get();
    List<String> secrets = lines("secret-file", file);
    if (!secrets.stream().allMatch(Signature::isSecret)) {
      throw new Unusable(
          "secret-file: " + file + " (expected: lines of " + Signature.EXPECTED + ")");
    }
    return secrets;
  }

  static Optional<String> token(Target target) throws Unusable {
    if (target.tokenFile().isEmpty()) {
      return Optional.empty();
    }
    Path file = target.tokenFile().get();
    List<String> lines = lines("token-file", file);
    if (lines.size() != 1 || !lines.getFirst().chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new Unusable("token-file: " + file + " (expected: one token)");
    }
    return Optional.of(lines.getFirst());
  }

  /** Those that are not blank, at least one. */
  private static List<String> lines(String setting, Path file) throws Unusable {
    try {
      if (Files.size(file) <= MOST_BYTES) {
        List<String> lines =
            Files.readString(file).lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
        if (!lines.isEmpty()) {
          return lines;
        }
      }
    } catch (IOException _) {
      // Refused below.
    }
    throw new Unusable(
        setting + ": cannot use " + file + " (expected: a file with a line of text)");
  }
}
