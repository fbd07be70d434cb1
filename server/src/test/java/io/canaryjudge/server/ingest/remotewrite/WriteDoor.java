package io.canaryjudge.server.ingest.remotewrite;

import io.canaryjudge.server.api.Availability;
import io.canaryjudge.server.api.HttpDoor;
import io.canaryjudge.server.api.RemoteWriteRoute;
import io.canaryjudge.server.config.ServerConfig;
import io.canaryjudge.server.config.ServerConfigLoader;
import io.canaryjudge.server.ingest.series.SeriesIntake;
import io.canaryjudge.server.security.Access;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The HTTP port of a server with nothing behind it but remote write into an intake. */
final class WriteDoor implements AutoCloseable {

  static final String V1 = "application/x-protobuf";
  static final String V2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

  final Availability availability = new Availability();

  private final HttpDoor door;
  private final HttpClient client = HttpClient.newHttpClient();

  WriteDoor(SeriesIntake intake, Map<String, String> settings) {
    Map<String, String> flags = new TreeMap<>(Map.of("http.port", "0"));
    flags.putAll(settings);
    ServerConfig config = ServerConfigLoader.load(Optional.empty(), Map.of(), flags).config();
    availability.ready();
    door =
        HttpDoor.open(
            config,
            Optional.empty(),
            Access.open(),
            availability,
            List.of(new RemoteWriteRoute(new RemoteWrite(intake, config.http().maxMetricsBytes()))),
            (_, _) -> {});
  }

  String url() {
    return "http://127.0.0.1:" + door.port() + "/api/v1/write";
  }

  /** Sends a message as it should be sent. */
  HttpResponse<String> send(WriteMessage message, byte[] plain)
      throws IOException, InterruptedException {
    return send(message == WriteMessage.V1 ? V1 : V2, "snappy", Messages.snappy(plain));
  }

  HttpResponse<String> send(String contentType, String encoding, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url())).POST(BodyPublishers.ofByteArray(body));
    if (!contentType.isEmpty()) {
      request.header("Content-Type", contentType);
    }
    if (!encoding.isEmpty()) {
      request.header("Content-Encoding", encoding);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Override
  public void close() {
    client.close();
    door.close();
  }
}
