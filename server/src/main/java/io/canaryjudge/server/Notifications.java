package io.canaryjudge.server;

import io.canaryjudge.server.config.ServerConfig;
import io.canaryjudge.server.notify.Credentials;
import io.canaryjudge.server.notify.NotifySettings;
import io.canaryjudge.server.notify.Target;
import io.canaryjudge.server.security.TlsMaterial;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;

/** What the configuration says about those who are told what becomes of runs. */
final class Notifications {

  private Notifications() {}

  /**
   * Reads it, with the files that it names.
   *
   * @param log is warned of what can be read on its way
   * @throws IOException naming the target and the file that cannot be used
   */
  static NotifySettings settings(ServerConfig.Notify config, Logger log) throws IOException {
    List<Target> targets = new ArrayList<>();
    for (ServerConfig.NotifyTarget target : config.targets()) {
      targets.add(target(target, log));
    }
    return new NotifySettings(
        targets,
        config.publicUrl(),
        config.timeout(),
        config.maxAge(),
        config.retention(),
        config.concurrency(),
        config.maxWaiting());
  }

  private static Target target(ServerConfig.NotifyTarget from, Logger log) throws IOException {
    Target target =
        new Target(
            from.name(),
            from.url(),
            from.urlFile(),
            from.form(),
            from.events(),
            from.services(),
            from.secret(),
            from.secretFile(),
            from.tokenFile(),
            from.authority().isEmpty()
                ? Optional.empty()
                : Optional.of(TlsMaterial.clientTrusting(from.authority().get())),
            from.environment());
    if (!Credentials.check(target)) {
      log.warn(
          "Notifications to {} go over plain HTTP: they can be read on their way", from.name());
    }
    return target;
  }
}
