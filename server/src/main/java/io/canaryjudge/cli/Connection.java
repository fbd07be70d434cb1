package io.canaryjudge.cli;

import io.canaryjudge.client.JudgeChannel;
import io.canaryjudge.client.JudgeClient;
import io.canaryjudge.client.PolicyClient;
import io.grpc.ManagedChannel;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to reach the judge: the options that every command has, and their environment variables. */
final class Connection {

  private static final String HTTPS = "https://";
  private static final String HTTP = "http://";
  private static final Duration SILENCE = Duration.ofSeconds(40);

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      description =
          "The judge's gRPC port; https://HOST:PORT for TLS. Else CANARY_JUDGE_SERVER, else"
              + " localhost:9090.")
  private @Nullable String server;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "TLS, trusting only what these have signed (PEM). Else CANARY_JUDGE_CA_FILE.")
  private @Nullable Path ca;

  @Option(
      names = "--cert",
      paramLabel = "FILE",
      description = "Certificate to show (PEM). Else CANARY_JUDGE_CERTIFICATE_FILE.")
  private @Nullable Path certificate;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "Its private key (PEM, PKCS#8). Else CANARY_JUDGE_KEY_FILE.")
  private @Nullable Path key;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "Bearer token. Else CANARY_JUDGE_TOKEN_FILE, or the token itself in CANARY_JUDGE_TOKEN.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--retry",
      paramLabel = "SPAN",
      defaultValue = "30s",
      converter = SpanConverter.class,
      description =
          "For how long to try again while the judge is out of reach. Default ${DEFAULT-VALUE}.")
  private Duration retry = Duration.ofSeconds(30);

  /** A connection that is open until it is closed. */
  record Open(ManagedChannel channel, JudgeClient judge, PolicyClient policies)
      implements AutoCloseable {
    @Override
    public void close() {
      channel.shutdownNow();
    }
  }

  /** Opens it; nothing is sent before the first call. */
  Open open(Shell shell) {
    ManagedChannel channel;
    try {
      channel = channel(shell).open();
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new UsageException(e + " (expected: files that can be read, certificates as PEM)");
    }
    return new Open(
        channel, new JudgeClient(channel, retry, SILENCE), new PolicyClient(channel, retry));
  }

  private JudgeChannel channel(Shell shell) throws IOException {
    String target =
        Optional.ofNullable(server)
            .or(() -> shell.variable("CANARY_JUDGE_SERVER"))
            .orElse("localhost:9090");
    boolean tls = target.startsWith(HTTPS);
    if (tls || target.startsWith(HTTP)) {
      target = target.substring(tls ? HTTPS.length() : HTTP.length()).replaceFirst("/$", "");
    }
    if (target.isBlank() || (target.contains("/") && !target.contains(":///"))) {
      throw new UsageException("--server: '" + target + "' (expected: HOST:PORT)");
    }
    JudgeChannel to = JudgeChannel.to(target);
    Optional<File> trusted = file(ca, shell, "CANARY_JUDGE_CA_FILE");
    Optional<File> shown = file(certificate, shell, "CANARY_JUDGE_CERTIFICATE_FILE");
    Optional<File> secret = file(key, shell, "CANARY_JUDGE_KEY_FILE");
    if (shown.isPresent() != secret.isPresent()) {
      throw new UsageException("--cert, --key: one of them (expected: both or none)");
    }
    if (trusted.isPresent()) {
      to.tls(trusted.get());
    } else if (tls || shown.isPresent()) {
      to.tls();
    }
    if (shown.isPresent() && secret.isPresent()) {
      to.clientCertificate(shown.get(), secret.get());
    }
    token(shell).ifPresent(token -> to.bearerToken(() -> token));
    return to;
  }

  private Optional<String> token(Shell shell) throws IOException {
    Optional<File> file = file(tokenFile, shell, "CANARY_JUDGE_TOKEN_FILE");
    if (file.isEmpty()) {
      return shell.variable("CANARY_JUDGE_TOKEN").map(String::strip);
    }
    String token = Files.readString(file.get().toPath()).strip();
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new UsageException(
          "--token-file: " + file.get() + " (expected: one token of printable ASCII characters)");
    }
    return Optional.of(token);
  }

  private static Optional<File> file(@Nullable Path option, Shell shell, String variable) {
    return Optional.ofNullable(option)
        .or(() -> shell.variable(variable).map(Path::of))
        .map(Path::toFile);
  }
}
