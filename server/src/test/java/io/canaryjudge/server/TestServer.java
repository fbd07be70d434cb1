package io.canaryjudge.server;

import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.PolicyServiceGrpc;
import io.canaryjudge.server.config.ServerConfigLoader;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A whole server on free ports, as the command line starts it, with clients of both doors. */
public final class TestServer implements AutoCloseable {

  private final Server server;
  private final ManagedChannel channel;
  private final HttpClient http = HttpClient.newHttpClient();

  private TestServer(Server server) {
    this.server = server;
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort()).usePlaintext().build();
  }

  /** Starts one over an embedded database in a directory. */
  public static TestServer start(Path directory) {
    return start(directory, Map.of());
  }

  /** Starts one with further settings. */
  public static TestServer start(Path directory, Map<String, String> settings) {
    return new TestServer(startServer(directory, settings));
  }

  static Server startServer(Path directory, Map<String, String> settings) {
    Map<String, String> flags = new TreeMap<>();
    flags.put("grpc.port", "0");
    flags.put("http.port", "0");
    flags.put("database.url", "jdbc:sqlite:" + directory.resolve("judge.db"));
    flags.put("runs.commit-interval", "5ms");
    flags.putAll(settings);
    return Server.start(ServerConfigLoader.load(Optional.empty(), Map.of(), flags).config());
  }

  public Server server() {
    return server;
  }

  public ManagedChannel channel() {
    return channel;
  }

  public JudgeGrpc.JudgeBlockingStub judge() {
    return JudgeGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  public JudgeGrpc.JudgeStub judgeAsync() {
    return JudgeGrpc.newStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  public PolicyServiceGrpc.PolicyServiceBlockingStub policies() {
    return PolicyServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  /** Opens a live run of the preset {@code standard} and returns its name. */
  public String createRun() {
    return judge().createAnalysisRun(createRequest()).getAnalysisRun().getName();
  }

  /** A valid request for a run. */
  public static CreateAnalysisRunRequest createRequest() {
    return CreateAnalysisRunRequest.newBuilder()
        .setRequestId(UUID.randomUUID().toString())
        .setAnalysisRun(
            AnalysisRun.newBuilder()
                .setService("checkout")
                .setBaselineVersion("1.4.2")
                .setCanaryVersion("1.5.0")
                .setPolicy("policies/standard"))
        .build();
  }

  public HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).build());
  }

  public HttpResponse<String> post(String path, String json)
      throws IOException, InterruptedException {
    return send("POST", path, json);
  }

  public HttpResponse<String> send(String method, String path, String json)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(json))
            .build());
  }

  public HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, BodyHandlers.ofString());
  }

  public HttpClient http() {
    return http;
  }

  public URI uri(String path) {
    return URI.create(server.httpUrl() + path);
  }

  /** What became of the samples so far. */
  public SampleTotals samples() {
    return SampleTotals.of(server.metrics());
  }

  /** What became of the points of foreign series so far, by door. */
  public Map<String, PointTotals> points() {
    return PointTotals.of(server.metrics());
  }

  /** Stops the server, and checks that it knows what became of every sample and every point. */
  @Override
  public void close() {
    channel.shutdownNow();
    server.close();
    http.close();
    samples().assertBalanced();
    points().values().forEach(PointTotals::assertBalanced);
  }
}
