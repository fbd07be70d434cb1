package io.canaryjudge.server;

import io.canaryjudge.server.config.ServerConfig;
import io.canaryjudge.server.ingest.pull.PullSettings;
import io.canaryjudge.server.security.TlsMaterial;
import java.io.IOException;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** What the configuration says about the server that series are read from. */
final class PrometheusPulls {

  private PrometheusPulls() {}

  /** Empty if there is none. */
  static Optional<PullSettings> settings(ServerConfig config) throws IOException {
    if (config.prometheus().isEmpty()) {
      return Optional.empty();
    }
    ServerConfig.Prometheus from = config.prometheus().get();
    Optional<SSLContext> trust =
        from.authority().isEmpty()
            ? Optional.empty()
            : Optional.of(TlsMaterial.clientTrusting(from.authority().get()));
    return Optional.of(
        new PullSettings(
            from.url(),
            from.interval(),
            from.timeout(),
            from.tokenFile(),
            from.user(),
            from.passwordFile(),
            trust,
            from.tenant(),
            from.maxSeries(),
            from.maxResponseBytes()));
  }
}
