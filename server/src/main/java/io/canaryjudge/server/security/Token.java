package io.canaryjudge.server.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Bearer tokens. They hold 256 random bits, so that a plain SHA-256 is enough to keep them at rest:
 * there is nothing to guess that a slow hash would protect.
 */
public final class Token {

  private static final int BYTES = 32;
  private static final String PREFIX = "cj_";

  private Token() {}

  /**
   * Makes a new token.
   *
   * @param random source of its bits
   */
  public static String create(SecureRandom random) {
    byte[] bits = new byte[BYTES];
    random.nextBytes(bits);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }

  /** What an access file keeps of a token: SHA-256 in hexadecimal. */
  public static String sha256(String token) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
