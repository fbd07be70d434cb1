package io.canaryjudge.server.api;

import io.canaryjudge.server.config.ServerConfig;
import io.canaryjudge.server.security.Access;
import io.canaryjudge.server.security.TlsMaterial;
import io.grpc.BindableService;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.TlsServerCredentials;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The gRPC port: our services, the standard health service and reflection, under limits that a
 * hostile peer cannot exceed.
 */
public final class GrpcDoor {

  private final Server server;
  private final HealthStatusManager health;
  private final List<String> services;

  private GrpcDoor(Server server, HealthStatusManager health, List<String> services) {
    this.server = server;
    this.health = health;
    this.services = services;
  }

  /**
   * Opens the port. The health service says NOT_SERVING until {@link #serve}.
   *
   * @param services ours; each call is admitted by {@code access} first
   * @param metrics hears of every call of ours, admitted or not
   * @throws IOException if the port cannot be bound
   */
  public static GrpcDoor open(
      ServerConfig config,
      Optional<TlsMaterial> tls,
      Access access,
      Availability availability,
      List<BindableService> services,
      ServerInterceptor metrics)
      throws IOException {
    HealthStatusManager health = new HealthStatusManager();
    AccessInterceptor admission = new AccessInterceptor(access);
    CallGuard guard = new CallGuard(availability);
    MessageGate gate = new MessageGate(config.grpc().maxMessageBytes());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
            new InetSocketAddress(config.listen(), config.grpc().port()),
            tls.map(GrpcDoor::credentials).orElseGet(InsecureServerCredentials::create));
    limit(builder, config.grpc());
    // Samples are taken on the transport's threads, since a hop costs more than taking them;
    // whatever may wait hops by itself (UnaryCalls).
    builder.directExecutor();

    List<String> names = new ArrayList<>();
    names.add(HealthStatusManager.SERVICE_NAME_ALL_SERVICES);
    for (BindableService service : services) {
      ServerServiceDefinition definition = service.bindService();
      names.add(definition.getServiceDescriptor().getName());
      builder.addService(
          ServerInterceptors.interceptForward(
              MessageGate.asBytes(definition), metrics, admission, guard, gate));
    }
    builder.addService(ServerInterceptors.interceptForward(health.getHealthService(), admission));
    builder.addService(
        ServerInterceptors.interceptForward(ProtoReflectionServiceV1.newInstance(), admission));
    GrpcDoor door = new GrpcDoor(builder.build(), health, names);
    door.report(ServingStatus.NOT_SERVING);
    door.server.start();
    return door;
  }

  private static ServerCredentials credentials(TlsMaterial tls) {
    TlsServerCredentials.Builder credentials =
        TlsServerCredentials.newBuilder().keyManager(tls.keyManagers());
    tls.trustManagers()
        .ifPresent(
            managers ->
                credentials
                    .trustManager(managers)
                    .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE));
    return credentials.build();
  }

  private static void limit(NettyServerBuilder builder, ServerConfig.Grpc limits) {
    builder
        // MessageGate says so with a reason; this is against those that are larger still.
        .maxInboundMessageSize(2 * limits.maxMessageBytes())
        .maxInboundMetadataSize(limits.maxMetadataBytes())
        .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
        .maxConnectionAge(limits.maxConnectionAge().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionAgeGrace(limits.maxConnectionAgeGrace().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionIdle(limits.maxConnectionIdle().toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTime(limits.keepaliveTime().toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(limits.keepaliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveTime(limits.minKeepaliveTime().toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveWithoutCalls(true)
        // Against rapid reset: opening and resetting calls costs the server far more than its peer.
        .maxRstFramesPerWindow(
            limits.maxResets(), Math.toIntExact(Math.max(1, limits.resetWindow().toSeconds())))
        .withChildOption(ChannelOption.TCP_NODELAY, true);
  }

  /** Every service behind the port, health and reflection included. */
  public List<ServerServiceDefinition> services() {
    return server.getServices();
  }

  /** The bound port. */
  public int port() {
    return server.getPort();
  }

  /** Says SERVING for every service. */
  public void serve() {
    report(ServingStatus.SERVING);
  }

  /** Says NOT_SERVING for every service, for good, and takes no new connections and calls. */
  public void drain() {
    health.enterTerminalState();
    server.shutdown();
  }

  /**
   * Waits for the calls in progress, then ends those that are left.
   *
   * @param patience how long to wait
   */
  public void close(Duration patience) throws InterruptedException {
    server.shutdown();
    if (!server.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      server.shutdownNow();
      server.awaitTermination(1, TimeUnit.SECONDS);
    }
  }

  private void report(ServingStatus status) {
    services.forEach(service -> health.setStatus(service, status));
  }
}
