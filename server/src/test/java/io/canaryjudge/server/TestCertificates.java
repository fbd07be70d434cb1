package io.canaryjudge.server;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority, a server and a client certificate, made with the keytool of the JDK. */
final class TestCertificates {

  private static final char[] PASSWORD = "changeit".toCharArray();

  private final Path directory;
  private final KeyStore keys;

  private TestCertificates(Path directory, KeyStore keys) {
    this.directory = directory;
    this.keys = keys;
  }

  static TestCertificates make(Path parent) throws Exception {
    Path directory = Files.createDirectories(parent.resolve("certificates"));
    Path store = directory.resolve("keys.p12");
    keytool(store, "-genkeypair", "-alias", "ca", "-dname", "CN=Test CA", "-ext", "bc:c=ca:true");
    keytool(
        store,
        "-genkeypair",
        "-alias",
        "server",
        "-dname",
        "CN=localhost",
        "-signer",
        "ca",
        "-ext",
        "san=dns:localhost,ip:127.0.0.1");
    keytool(
        store,
        "-genkeypair",
        "-alias",
        "client",
        "-dname",
        "CN=client",
        "-signer",
        "ca",
        "-ext",
        "san=dns:dashboard.example.com");
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    for (String alias : List.of("ca", "server", "client")) {
      Files.writeString(
          directory.resolve(alias + ".crt"),
          pem("CERTIFICATE", keys.getCertificate(alias).getEncoded()));
      PrivateKey key = (PrivateKey) keys.getKey(alias, PASSWORD);
      Files.writeString(directory.resolve(alias + ".key"), pem("PRIVATE KEY", key.getEncoded()));
    }
    return new TestCertificates(directory, keys);
  }

  private static void keytool(Path store, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(
        List.of(
            "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "30", "-storetype", "PKCS12"));
    command.addAll(List.of("-keystore", store.toString(), "-storepass", new String(PASSWORD)));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("keytool failed: " + output);
    }
  }

  private static String pem(String kind, byte[] content) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(kind, Base64.getMimeEncoder().encodeToString(content), kind);
  }

  Path path(String name) {
    return directory.resolve(name);
  }

  String file(String name) {
    return path(name).toString();
  }

  /** Credentials of a gRPC client that shows its certificate. */
  ChannelCredentials clientCredentials() throws IOException {
    return TlsChannelCredentials.newBuilder()
        .trustManager(path("ca.crt").toFile())
        .keyManager(path("client.crt").toFile(), path("client.key").toFile())
        .build();
  }

  /** For an HTTP client that shows its certificate. */
  SSLContext clientContext() throws Exception {
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    Certificate[] chain = keys.getCertificateChain("client");
    own.setKeyEntry("client", keys.getKey("client", PASSWORD), PASSWORD, chain);
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(own, PASSWORD);
    return context(factory.getKeyManagers());
  }

  /** For an HTTP client without a certificate. */
  SSLContext strangerContext() throws Exception {
    return context(new KeyManager[0]);
  }

  private SSLContext context(KeyManager[] keyManagers) throws Exception {
    KeyStore authorities = KeyStore.getInstance("PKCS12");
    authorities.load(null, null);
    authorities.setCertificateEntry("ca", keys.getCertificate("ca"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(authorities);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keyManagers, trust.getTrustManagers(), null);
    return context;
  }
}
