package io.canaryjudge.server.security;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a call brings along to show who makes it.
 *
 * @param authorization value of the {@code authorization} header; null if there is none
 * @param certificateNames names in the client certificate that the transport has verified; empty if
 *     there is none
 */
public record Credentials(@Nullable String authorization, List<String> certificateNames) {

  /** No credentials at all. */
  public static final Credentials NONE = new Credentials(null, List.of());

  /** Copies the names. */
  public Credentials {
    certificateNames = List.copyOf(certificateNames);
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "Credentials[authorization="
        + (authorization == null ? "none" : "present")
        + ", certificateNames="
        + certificateNames
        + "]";
  }
}
