package io.canaryjudge.server.ingest.otlp;

import io.canaryjudge.server.api.Availability;
import io.canaryjudge.server.api.GrpcDoor;
import io.canaryjudge.server.api.HttpDoor;
import io.canaryjudge.server.api.OtlpGrpcService;
import io.canaryjudge.server.api.OtlpRoutes;
import io.canaryjudge.server.config.ServerConfig;
import io.canaryjudge.server.config.ServerConfigLoader;
import io.canaryjudge.server.security.Access;
import io.canaryjudge.server.telemetry.Telemetry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Both real doors, on free ports, before an intake that records. */
final class OtlpDoors implements AutoCloseable {

  final RecordingIntake intake = new RecordingIntake();

  private final Availability availability = new Availability();
  private final HttpDoor http;
  private final GrpcDoor grpc;
  private final HttpClient client = HttpClient.newHttpClient();

  private OtlpDoors(ServerConfig config, Duration patience) throws IOException {
    OtlpIngest ingest = new OtlpIngest(intake, patience);
    Telemetry telemetry = Telemetry.start(InstantSource.system());
    http =
        HttpDoor.open(
            config,
            Optional.empty(),
            Access.open(),
            availability,
            List.of(new OtlpRoutes(ingest)),
            (_, _) -> {});
    grpc =
        GrpcDoor.open(
            config,
            Optional.empty(),
            Access.open(),
            availability,
            List.of(new OtlpGrpcService(ingest)),
            telemetry.grpc());
    availability.ready();
  }

  static OtlpDoors open(Map<String, String> settings) throws IOException {
    return open(settings, OtlpIngest.PATIENCE);
  }

  static OtlpDoors open(Map<String, String> settings, Duration patience) throws IOException {
    Map<String, String> flags = new TreeMap<>(settings);
    flags.put("grpc.port", "0");
    flags.put("http.port", "0");
    return new OtlpDoors(
        ServerConfigLoader.load(Optional.empty(), Map.of(), flags).config(), patience);
  }

  void drain() {
    availability.draining();
  }

  int grpcPort() {
    return grpc.port();
  }

  String grpcUrl() {
    return "http://127.0.0.1:" + grpc.port();
  }

  String httpUrl() {
    return "http://127.0.0.1:" + http.port() + "/v1/metrics";
  }

  HttpResponse<byte[]> post(String type, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(httpUrl()))
            .timeout(Duration.ofSeconds(60))
            .POST(BodyPublishers.ofByteArray(body));
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  @Override
  public void close() {
    client.close();
    http.close();
    try {
      grpc.close(Duration.ZERO);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
