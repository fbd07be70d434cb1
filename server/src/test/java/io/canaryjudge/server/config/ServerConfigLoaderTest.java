package io.canaryjudge.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerConfigLoaderTest {

  @TempDir private Path directory;

  @Test
  void variablesOfTheLauncherAndOfOtherCommandsAreNoMistakes() {
    Map<String, String> environment =
        Map.of("CANARY_JUDGE_JAVA_OPTS", "-Xmx1g", "CANARY_JUDGE_RUN", "analysisRuns/r1");
    assertThat(ServerConfigLoader.load(Optional.empty(), environment, Map.of()).config())
        .isEqualTo(ServerConfigLoader.load(Optional.empty(), Map.of(), Map.of()).config());
  }

  @Test
  void defaultsAreSafe() {
    ServerConfig config = load(Map.of(), Map.of());

    assertThat(config.listen()).isEqualTo("127.0.0.1");
    assertThat(config.insecureListen()).isFalse();
    assertThat(config.grpc().port()).isEqualTo(9090);
    assertThat(config.http().port()).isEqualTo(8080);
    assertThat(config.grpc().maxCallsPerConnection()).isEqualTo(100);
    assertThat(config.grpc().maxResets()).isEqualTo(200);
    assertThat(config.grpc().resetWindow()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.database().url()).isEqualTo("jdbc:sqlite:canary-judge.db");
  }

  @Test
  void flagsWinOverTheEnvironmentWhichWinsOverTheFile() throws IOException {
    Path file =
        write(
            """
            grpc:
              port: 1001
              max-message-size: 1MiB
            http.port: 1002
            stop-timeout: 3s
            """);

    ServerConfig config =
        ServerConfigLoader.load(
                Optional.of(file),
                Map.of("CANARY_JUDGE_GRPC_PORT", "2001", "CANARY_JUDGE_HTTP_PORT", "2002"),
                Map.of("http.port", "3002"))
            .config();

    assertThat(config.grpc().port()).isEqualTo(2001);
    assertThat(config.http().port()).isEqualTo(3002);
    assertThat(config.grpc().maxMessageBytes()).isEqualTo(1 << 20);
    assertThat(config.stopTimeout()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void aMistypedKeyIsRefusedWithTheNearestOneWherverItStands() throws IOException {
    Path file = write("grpc:\n  prot: 1\n");

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                ServerConfigLoader.load(
                    Optional.of(file),
                    Map.of("CANARY_JUDGE_HTP_PORT", "1", "PATH", "/bin"),
                    Map.of("databse.url", "x")))
        .satisfies(
            e ->
                assertThat(e.violations())
                    .containsExactlyInAnyOrder(
                        "grpc.prot: unknown key in " + file + " (nearest: grpc.port)",
                        "CANARY_JUDGE_HTP_PORT: unknown environment variable (nearest:"
                            + " CANARY_JUDGE_HTTP_PORT)",
                        "databse.url: unknown key as a flag (nearest: database.url)"));
  }

  @Test
  void seriesAreReadFromNowhereUnlessAUrlIsSet() {
    assertThat(load(Map.of(), Map.of()).prometheus()).isEmpty();

    ServerConfig.Prometheus prometheus =
        load(Map.of(), Map.of("prometheus.url", "https://prom.internal/mimir"))
            .prometheus()
            .orElseThrow();
    assertThat(prometheus.url()).hasToString("https://prom.internal/mimir");
    assertThat(prometheus.interval()).isEqualTo(Duration.ofSeconds(15));
    assertThat(prometheus.maxResponseBytes()).isEqualTo(16 << 20);
  }

  @Test
  void aUrlWithCredentialsIsRefusedAndNotRepeated() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                load(
                    Map.of(),
                    Map.of(
                        "prometheus.url", "http://user:sesame@prom",
                        "prometheus.token-file", "token",
                        "prometheus.user", "aladdin",
                        "prometheus.tenant", "a\r\nb")))
        .satisfies(
            e ->
                assertThat(e.violations())
                    .hasSize(3)
                    .noneMatch(each -> each.contains("sesame"))
                    .anyMatch(each -> each.startsWith("prometheus.url: "))
                    .anyMatch(each -> each.startsWith("prometheus.user: aladdin "))
                    .anyMatch(each -> each.startsWith("prometheus.tenant: ")));
  }

  @Test
  void everyViolationIsNamedAtOnce() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                load(
                    Map.of(),
                    Map.of(
                        "grpc.port", "70000",
                        "grpc.max-message-size", "huge",
                        "stop-timeout", "10",
                        "insecure-listen", "yes",
                        "log.format", "xml",
                        "database.url", "jdbc:h2:mem",
                        "runs.max-active", "0",
                        "tls.certificate", "cert.pem")))
        .satisfies(
            e ->
                assertThat(e.violations())
                    .hasSize(8)
                    .contains(
                        "grpc.port: 70000 (expected: a whole number in [0, 65535])",
                        "insecure-listen: yes (expected: true or false)",
                        "log.format: xml (expected: one of text, json)",
                        "tls.key: nothing (expected: the key of tls.certificate)"));
  }

  @Test
  void beyondLoopbackNeedsTlsWithCredentialsOrAFlagThatSaysOtherwise() {
    assertRefused(Map.of("listen", "0.0.0.0"));
    assertRefused(Map.of("listen", "0.0.0.0", "access.file", "access.yaml"));
    assertRefused(Map.of("listen", "0.0.0.0", "tls.certificate", "c.pem", "tls.key", "k.pem"));

    assertThat(
            load(Map.of(), Map.of("listen", "0.0.0.0", "insecure-listen", "true")).insecureListen())
        .isTrue();
    assertThat(
            load(
                    Map.of(),
                    Map.of(
                        "listen", "0.0.0.0",
                        "tls.certificate", "c.pem",
                        "tls.key", "k.pem",
                        "access.file", "access.yaml"))
                .tls())
        .isPresent();
    assertThat(
            load(
                    Map.of(),
                    Map.of(
                        "listen", "0.0.0.0",
                        "tls.certificate", "c.pem",
                        "tls.key", "k.pem",
                        "tls.client-authority", "ca.pem"))
                .tls())
        .isPresent();
    assertThat(load(Map.of(), Map.of("listen", "::1")).listen()).isEqualTo("::1");
  }

  private void assertRefused(Map<String, String> flags) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> load(Map.of(), flags))
        .withMessageContaining("listen: 0.0.0.0 (expected: a loopback address");
  }

  @Test
  void whatIsPrintedReadsBackAsTheSameAndMasksSecrets() throws IOException {
    Map<String, String> flags =
        Map.of(
            "database.url", "jdbc:postgresql://db/judge",
            "database.password", "s3cret ${x}",
            "grpc.keepalive-time", "90s",
            "http.max-body-size", "1500");
    ServerConfigLoader.Loaded loaded = ServerConfigLoader.load(Optional.empty(), Map.of(), flags);

    assertThat(loaded.printed()).doesNotContain("s3cret").contains("database.password: \"****");
    assertThat(loaded.config().database().toString()).doesNotContain("s3cret");
    ServerConfig again =
        ServerConfigLoader.load(
                Optional.of(write(loaded.printed())),
                Map.of(),
                Map.of("database.password", "s3cret ${x}"))
            .config();
    assertThat(again).isEqualTo(loaded.config());
    assertThat(again.database().password()).isEqualTo("s3cret ${x}");
  }

  @Test
  void whatCannotBeReadIsNamed() throws IOException {
    Path missing = directory.resolve("missing.yaml");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> ServerConfigLoader.load(Optional.of(missing), Map.of(), Map.of()))
        .withMessageContaining(missing + " (expected: a file that can be read)");

    Path broken = write("grpc: [");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> ServerConfigLoader.load(Optional.of(broken), Map.of(), Map.of()))
        .withMessageContaining(broken + " (expected: YAML;");
  }

  @Test
  void everySettingHasAMeaningAndAnEnvironmentVariableOfItsOwn() {
    var settings = ServerConfigLoader.settings();

    assertThat(settings.values()).allSatisfy(s -> assertThat(s.meaning()).endsWith("."));
    assertThat(settings.keySet().stream().map(ServerConfigLoader::environmentName))
        .doesNotHaveDuplicates();
  }

  private static ServerConfig load(Map<String, String> environment, Map<String, String> flags) {
    return ServerConfigLoader.load(Optional.empty(), environment, flags).config();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(Files.createTempFile(directory, "config", ".yaml"), text);
  }
}
