package io.canaryjudge.server.security;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;

/**
 * The one place that decides who makes a call and whether they may. Both doors ask it for every
 * call, before anything of the call is looked at.
 */
public final class Access {

  private static final String BEARER = "bearer ";

  private final boolean asksForCredentials;
  private final boolean certificatesSuffice;
  private final AccessFile file;

  private Access(boolean asksForCredentials, boolean certificatesSuffice, AccessFile file) {
    this.asksForCredentials = asksForCredentials;
    this.certificatesSuffice = certificatesSuffice;
    this.file = file;
  }

  /** Asks nobody for credentials; for a server that only listens on loopback. */
  public static Access open() {
    return new Access(false, false, AccessFile.EMPTY);
  }

  /** Whoever has a client certificate of the configured authority may do everything. */
  public static Access certificates() {
    return new Access(true, true, AccessFile.EMPTY);
  }

  /** Callers show a token or a client certificate that the file lists. */
  public static Access listed(AccessFile file) {
    return new Access(true, false, file);
  }

  /** Whether callers have to show who they are. */
  public boolean asksForCredentials() {
    return asksForCredentials;
  }

  /**
   * Decides about one call.
   *
   * @param operation full name of the RPC, or method and path of an HTTP route
   * @param credentials what the call brought along
   * @return who makes it
   * @throws JudgeException with NO_CREDENTIALS, BAD_CREDENTIALS or NOT_ALLOWED
   */
  public Caller admit(String operation, Credentials credentials) {
    if (AccessRules.isPublic(operation)) {
      return Caller.anonymous();
    }
    Optional<Permission> needed = AccessRules.needed(operation);
    Caller caller = identify(credentials);
    if (needed.isEmpty() || !caller.may(needed.get())) {
      throw JudgeException.of(
              ErrorReason.NOT_ALLOWED,
              operation
                  + ": not allowed for "
                  + (caller.name().isEmpty() ? "anyone" : caller.name())
                  + needed.map(permission -> " (needs " + permission + ")").orElse(""))
          .with("operation", operation);
    }
    return caller;
  }

  private Caller identify(Credentials credentials) {
    if (!asksForCredentials) {
      return Caller.anonymous();
    }
    String authorization = credentials.authorization();
    if (authorization != null) {
      return byToken(authorization);
    }
    if (credentials.certificateNames().isEmpty()) {
      throw JudgeException.of(
          ErrorReason.NO_CREDENTIALS,
          "authorization: nothing (expected: Bearer and a token, or a client certificate)");
    }
    if (certificatesSuffice) {
      return new Caller(credentials.certificateNames().getFirst(), EnumSet.allOf(Permission.class));
    }
    return credentials.certificateNames().stream()
        .flatMap(name -> file.certificate(name).stream())
        .findFirst()
        .orElseThrow(
            () ->
                JudgeException.of(
                    ErrorReason.BAD_CREDENTIALS,
                    "client certificate: "
                        + String.join(", ", credentials.certificateNames())
                        + " (expected: a name that the access file lists)"));
  }

  private Caller byToken(String authorization) {
    // The value is a secret, even a wrong one: no message repeats it.
    if (!authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
      throw JudgeException.of(
          ErrorReason.BAD_CREDENTIALS, "authorization: another scheme (expected: Bearer)");
    }
    return file.token(authorization.substring(BEARER.length()).trim())
        .orElseThrow(
            () ->
                JudgeException.of(
                    ErrorReason.BAD_CREDENTIALS,
                    "authorization: an unknown token (expected: one that the access file lists)"));
  }
}
