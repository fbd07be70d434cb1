package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.ListAnalysisRunsRequest;
import io.canaryjudge.proto.v1.StreamSamplesResponse;
import io.canaryjudge.server.security.AccessRules;
import io.canaryjudge.server.security.Token;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is closed: mutual TLS, and tokens for who may do what. */
class SecurityTest {

  private static final String OPERATOR = Token.create(new SecureRandom());
  private static final String PRODUCER = Token.create(new SecureRandom());

  @TempDir private static Path directory;

  private static TestCertificates certificates;
  private static Server server;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() throws Exception {
    certificates = TestCertificates.make(directory);
    Path access =
        Files.writeString(
            directory.resolve("access.yaml"),
            """
            tokens:
              - {name: deployer, sha256: "%s", permissions: [read, operate]}
              - {name: pods, sha256: "%s", permissions: [send_samples]}
            certificates:
              - {name: dashboard.example.com, permissions: [read]}
            """
                .formatted(Token.sha256(OPERATOR), Token.sha256(PRODUCER)));
    server =
        TestServer.startServer(
            directory,
            Map.of(
                "tls.certificate", certificates.file("server.crt"),
                "tls.key", certificates.file("server.key"),
                "tls.client-authority", certificates.file("ca.crt"),
                "access.file", access.toString()));
    channel = channel(certificates.clientCredentials());
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    server.close();
  }

  @Test
  void theCommandLineShowsCertificateAndToken() throws IOException {
    Map<String, String> environment =
        Map.of(
            "CANARY_JUDGE_SERVER", "https://localhost:" + server.grpcPort(),
            "CANARY_JUDGE_CA_FILE", certificates.file("ca.crt"),
            "CANARY_JUDGE_CERTIFICATE_FILE", certificates.file("client.crt"),
            "CANARY_JUDGE_KEY_FILE", certificates.file("client.key"));
    Path token = Files.writeString(directory.resolve("token"), PRODUCER + "\n");
    CalledCommand weak =
        CalledCommand.call(environment, "runs", "list", "--token-file", token.toString());
    assertThat(weak.exitCode()).isEqualTo(7);
    assertThat(weak.err()).contains("NOT_ALLOWED").doesNotContain(PRODUCER);
    Files.writeString(token, OPERATOR + "\n");
    CalledCommand listed =
        CalledCommand.call(environment, "runs", "list", "--token-file", token.toString());
    assertThat(listed.exitCode()).as(listed.err()).isZero();
    assertThat(
            CalledCommand.call(environment, "runs", "list", "--token-file", "/no/such").exitCode())
        .isEqualTo(4);
  }

  @Test
  void whoHasNoCertificateOfTheAuthorityDoesNotConnect() throws Exception {
    ChannelCredentials without =
        TlsChannelCredentials.newBuilder()
            .trustManager(certificates.path("ca.crt").toFile())
            .build();
    ManagedChannel stranger = channel(without);
    try {
      StatusRuntimeException refused =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () ->
                  HealthGrpc.newBlockingStub(stranger)
                      .withDeadlineAfter(20, TimeUnit.SECONDS)
                      .check(HealthCheckRequest.getDefaultInstance()));
      assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    } finally {
      stranger.shutdownNow();
    }
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(certificates.strangerContext()).build()) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> client.send(request("/health/live", null), BodyHandlers.ofString()));
    }
  }

  @Test
  void aTokenDecidesWhatItsHolderMayDoAndIsTheCreator() {
    CreateAnalysisRunRequest request = TestServer.createRequest();

    assertThat(judge(OPERATOR).createAnalysisRun(request).getAnalysisRun().getCreator())
        .isEqualTo("deployer");
    assertRefused(Status.Code.PERMISSION_DENIED, () -> judge(PRODUCER).createAnalysisRun(request));
    assertRefused(
        Status.Code.UNAUTHENTICATED, () -> judge("cj_unknown").createAnalysisRun(request));
    CompletableFuture<StreamSamplesResponse> refusal = new CompletableFuture<>();
    JudgeGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(bearer(OPERATOR)))
        .streamSamples(new Collector<>(refusal::complete, refusal));
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> refusal.get(20, TimeUnit.SECONDS))
        .satisfies(
            e ->
                assertThat(Status.fromThrowable(e.getCause()).getCode())
                    .isEqualTo(Status.Code.PERMISSION_DENIED));
  }

  @Test
  void withoutATokenTheCertificateNamesTheCaller() {
    JudgeGrpc.JudgeBlockingStub dashboard =
        JudgeGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);

    dashboard.listAnalysisRuns(ListAnalysisRunsRequest.getDefaultInstance());
    assertRefused(
        Status.Code.PERMISSION_DENIED,
        () -> dashboard.createAnalysisRun(TestServer.createRequest()));
  }

  @Test
  void theSameHoldsOverHttp() throws Exception {
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(certificates.clientContext()).build()) {
      assertThat(status(client, "/health/ready", null)).isEqualTo(200);
      assertThat(status(client, "/metrics", null)).isEqualTo(200);
      assertThat(status(client, "/metrics", PRODUCER)).isEqualTo(403);
      assertThat(status(client, "/metrics", "cj_unknown")).isEqualTo(401);
      assertThat(status(client, "/api/v1/analysisRuns", OPERATOR)).isEqualTo(200);
      assertThat(status(client, "/api/v1/analysisRuns", PRODUCER)).isEqualTo(403);
      HttpRequest cancel =
          HttpRequest.newBuilder(URI.create(server.httpUrl() + "/api/v1/analysisRuns/x/cancel"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{}"))
              .build();
      assertThat(client.send(cancel, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
    }
  }

  /** A new RPC without a rule would be refused to everybody; this says so before it is released. */
  @Test
  void everyRpcAndEveryRouteHasARule() throws Exception {
    List<String> operations = new ArrayList<>();
    for (ServerServiceDefinition service : server.grpcServices()) {
      service
          .getMethods()
          .forEach(m -> operations.add(m.getMethodDescriptor().getFullMethodName()));
    }
    assertThat(operations)
        .contains(
            "canary.judge.v1.Judge/StreamSamples",
            "canary.judge.v1.PolicyService/LintPolicy",
            "grpc.health.v1.Health/Check",
            "grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
    operations.addAll(server.httpOperations());

    assertThat(AccessRules.all().keySet())
        .containsExactlyInAnyOrderElementsOf(operations.stream().distinct().toList());
  }

  private static int status(HttpClient client, String path, String token) throws Exception {
    return client.send(request(path, token), BodyHandlers.ofString()).statusCode();
  }

  private static HttpRequest request(String path, String token) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.httpUrl() + path));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return request.build();
  }

  private static JudgeGrpc.JudgeBlockingStub judge(String token) {
    return JudgeGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(bearer(token)));
  }

  private static Metadata bearer(String token) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return headers;
  }

  private static ManagedChannel channel(ChannelCredentials credentials) {
    return Grpc.newChannelBuilderForAddress("localhost", server.grpcPort(), credentials).build();
  }

  private static void assertRefused(Status.Code code, Runnable call) {
    StatusRuntimeException error = catchThrowableOfType(StatusRuntimeException.class, call::run);
    assertThat(error).isNotNull();
    assertThat(error.getStatus().getCode()).isEqualTo(code);
  }
}
