package io.canaryjudge.server;

import io.canaryjudge.server.config.ServerConfig;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.security.Access;
import io.canaryjudge.server.security.AccessFile;
import io.canaryjudge.server.security.TlsMaterial;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;

/** Puts together what the configuration says about security, and says at start what holds. */
final class Security {

  private Security() {}

  static Optional<TlsMaterial> tls(ServerConfig config) throws IOException {
    if (config.tls().isEmpty()) {
      return Optional.empty();
    }
    ServerConfig.TlsFiles files = config.tls().get();
    return Optional.of(TlsMaterial.read(files.certificate(), files.key(), files.clientAuthority()));
  }

  static Access access(ServerConfig config) throws IOException {
    if (config.accessFile().isPresent()) {
      Path file = config.accessFile().get();
      try {
        return Access.listed(AccessFile.read(file));
      } catch (JudgeException e) {
        throw JudgeException.invalid(
            e.reason(),
            e.violations().stream()
                .map(v -> new FieldViolation(file + ": " + v.field(), v.came(), v.expected()))
                .toList());
      }
    }
    return asksForCertificates(config) ? Access.certificates() : Access.open();
  }

  static void announce(ServerConfig config, Logger log) {
    boolean asks = config.accessFile().isPresent() || asksForCertificates(config);
    String transport = config.tls().isPresent() ? "TLS" : "plain text";
    String callers =
        asks
            ? (config.accessFile().isPresent() ? "listed in " + config.accessFile().get() : "")
                + (asksForCertificates(config) ? " with a client certificate" : "")
            : "anybody who can connect";
    log.info("security: {}, callers: {}", transport, callers.trim());
    if (isLoopback(config.listen())) {
      if (!asks) {
        log.info(
            "callers are not asked for credentials, so only this machine can connect ({})",
            config.listen());
      }
    } else if (!asks || config.tls().isEmpty()) {
      log.warn(
          "INSECURE: {} can be reached from other machines, with {} and open to {}; set"
              + " tls.certificate, tls.key and access.file, or listen on 127.0.0.1",
          config.listen(),
          transport,
          callers.trim());
    }
  }

  private static boolean asksForCertificates(ServerConfig config) {
    return config.tls().flatMap(ServerConfig.TlsFiles::clientAuthority).isPresent();
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException _) {
      return false;
    }
  }
}
