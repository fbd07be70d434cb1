package io.canaryjudge.server.security;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Certificates and keys from PEM files, in the form in which both ports take them. */
public final class TlsMaterial {

  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "Ed25519");

  private final KeyManager[] keyManagers;
  private final Optional<TrustManager[]> trustManagers;

  private TlsMaterial(KeyManager[] keyManagers, Optional<TrustManager[]> trustManagers) {
    this.keyManagers = keyManagers;
    this.trustManagers = trustManagers;
  }

  /**
   * Reads the files.
   *
   * @param certificate the server's certificate and its chain
   * @param key its private key, PKCS #8, not encrypted
   * @param clientAuthority authority of client certificates; empty if none are asked for
   * @throws IOException naming the file that cannot be used
   */
  public static TlsMaterial read(Path certificate, Path key, Optional<Path> clientAuthority)
      throws IOException {
    try {
      KeyStore own = emptyStore();
      own.setKeyEntry(
          "server",
          privateKey(key),
          new char[0],
          certificates(certificate).toArray(Certificate[]::new));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, new char[0]);
      if (clientAuthority.isEmpty()) {
        return new TlsMaterial(keys.getKeyManagers(), Optional.empty());
      }
      return new TlsMaterial(keys.getKeyManagers(), Optional.of(trusting(clientAuthority.get())));
    } catch (GeneralSecurityException e) {
      throw new IOException(certificate + ", " + key + ": " + e.getMessage(), e);
    }
  }

  /**
   * What a client needs that trusts the authorities in a file, and no others.
   *
   * @throws IOException naming the file, if it cannot be used
   */
  public static SSLContext clientTrusting(Path authorities) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trusting(authorities), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(authorities + ": " + e.getMessage(), e);
    }
  }

  private static TrustManager[] trusting(Path file) throws GeneralSecurityException, IOException {
    KeyStore authorities = emptyStore();
    for (X509Certificate authority : certificates(file)) {
      authorities.setCertificateEntry("authority-" + authorities.size(), authority);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(authorities);
    return trust.getTrustManagers();
  }

  /** Shows the server's certificate. */
  public KeyManager[] keyManagers() {
    return keyManagers.clone();
  }

  /** Verifies client certificates; empty if none are asked for. */
  public Optional<TrustManager[]> trustManagers() {
    return trustManagers.map(TrustManager[]::clone);
  }

  /** Both as a context of the JDK. */
  public SSLContext sslContext() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keyManagers, trustManagers.orElse(new TrustManager[0]), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    return store;
  }

  private static List<X509Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    List<X509Certificate> certificates = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        certificates.add((X509Certificate) certificate);
      }
    }
    if (certificates.isEmpty()) {
      throw new IOException(file + ": no certificate (expected: PEM, BEGIN CERTIFICATE)");
    }
    return certificates;
  }

  private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    Matcher pem = PRIVATE_KEY.matcher(Files.readString(file));
    if (!pem.find()) {
      throw new IOException(
          file + ": no key (expected: PEM, BEGIN PRIVATE KEY, that is PKCS #8 without a password)");
    }
    PKCS8EncodedKeySpec spec =
        new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException _) {
        // The key says itself what it is for; the next algorithm may understand it.
      }
    }
    throw new IOException(file + ": unknown kind of key (expected: EC, RSA or Ed25519)");
  }
}
