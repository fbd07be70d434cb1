package io.canaryjudge.server;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.api.Availability;
import io.canaryjudge.server.api.GrpcDoor;
import io.canaryjudge.server.api.GrpcErrors;
import io.canaryjudge.server.api.HealthRoutes;
import io.canaryjudge.server.api.HealthRoutes.ReadinessCheck;
import io.canaryjudge.server.api.HttpDoor;
import io.canaryjudge.server.api.HttpRoute;
import io.canaryjudge.server.api.JsonView;
import io.canaryjudge.server.api.JudgeGrpcService;
import io.canaryjudge.server.api.MetricsRoute;
import io.canaryjudge.server.api.NotificationRoutes;
import io.canaryjudge.server.api.OtlpGrpcService;
import io.canaryjudge.server.api.OtlpRoutes;
import io.canaryjudge.server.api.PolicyGrpcService;
import io.canaryjudge.server.api.RemoteWriteRoute;
import io.canaryjudge.server.api.UnaryCalls;
import io.canaryjudge.server.api.Watches;
import io.canaryjudge.server.config.ServerConfig;
import io.canaryjudge.server.dialect.flagger.FlaggerRoutes;
import io.canaryjudge.server.dialect.kayenta.KayentaRoutes;
import io.canaryjudge.server.dialect.promql.PrometheusRoutes;
import io.canaryjudge.server.ingest.otlp.OtlpIngest;
import io.canaryjudge.server.ingest.pull.PrometheusPull;
import io.canaryjudge.server.ingest.pull.PullSettings;
import io.canaryjudge.server.ingest.pull.SourceCheck;
import io.canaryjudge.server.ingest.remotewrite.RemoteWrite;
import io.canaryjudge.server.ingest.series.SeriesFeeds;
import io.canaryjudge.server.ingest.stream.SampleStreamHandler;
import io.canaryjudge.server.notify.NotificationQueue;
import io.canaryjudge.server.notify.Notifier;
import io.canaryjudge.server.notify.NotifySettings;
import io.canaryjudge.server.policy.Policies;
import io.canaryjudge.server.policy.PolicyDirectory;
import io.canaryjudge.server.policy.PolicyLoader;
import io.canaryjudge.server.run.RunService;
import io.canaryjudge.server.run.RunSettings;
import io.canaryjudge.server.security.Access;
import io.canaryjudge.server.security.TlsMaterial;
import io.canaryjudge.server.store.Database;
import io.canaryjudge.server.store.DatabaseConfig;
import io.canaryjudge.server.store.JdbcPolicyStore;
import io.canaryjudge.server.store.JdbcRunStore;
import io.canaryjudge.server.store.PolicyStore;
import io.canaryjudge.server.store.RunFilter;
import io.canaryjudge.server.telemetry.Telemetry;
import io.grpc.ServerServiceDefinition;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server, and the only place where its parts are put together: from the store to the
 * doors, and closed in reverse.
 */
public final class Server implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  private final ServerConfig config;
  private final boolean tls;
  private final ClosingStack parts = new ClosingStack();
  private final Telemetry telemetry;
  private final GrpcDoor grpc;
  private final HttpDoor http;

  private Server(ServerConfig config, InstantSource clock) throws IOException {
    this.config = config;
    try {
      Optional<TlsMaterial> material = Security.tls(config);
      this.tls = material.isPresent();
      Access access = Security.access(config);
      Security.announce(config, LOG);
      // All of them before anything is stored: a start that fails leaves everything as it was.
      SequencedMap<String, Policy> policyFiles =
          config.policiesDirectory().map(PolicyDirectory::read).orElseGet(TreeMap::new);

      Optional<PullSettings> pulled = PrometheusPulls.settings(config);
      NotifySettings notified = Notifications.settings(config.notifications(), LOG);

      telemetry = Telemetry.start(clock);
      parts.push(
          "accounting",
          _ -> {
            telemetry.points().sayTotals(LOG);
            telemetry.samples().sayTotals(LOG);
          });
      ServerConfig.Database source = config.database();
      Database database =
          Database.open(DatabaseConfig.of(source.url(), source.user(), source.password()), clock);
      parts.push("database", _ -> database.close());
      notified.targets().forEach(target -> telemetry.notifications().expect(target.name()));
      NotificationQueue queue = new NotificationQueue(notified, clock, telemetry.notifications());
      JdbcRunStore store = new JdbcRunStore(database, queue);
      // After the runs have stopped, and whatever they have to tell is in the outbox.
      Notifier notifier =
          new Notifier(
              store.outbox(),
              notified,
              queue,
              clock,
              new SecureRandom(),
              telemetry.notifications());
      parts.push("notifier", notifier::close);
      Policies policies = loadPolicies(policyFiles, new JdbcPolicyStore(database), clock);
      RunService runs =
          RunService.start(
              store,
              new PoliciesOfRuns(policies),
              RunSettings.DEFAULTS
                  .with(config.commitInterval().toMillis(), config.maxActiveRuns())
                  .withSampleMemory(sampleMemoryBytes(config))
                  .withQuiet(config.quietTime().toMillis())
                  .withPulls(pulled.isPresent()),
              clock,
              telemetry.samples(),
              telemetry.process());
      parts.push("runs", patience -> runs.close(patience.toMillis()));

      Watches watches = new Watches(config.grpc().maxWatches(), config.grpc().heartbeat());
      parts.push("watches", _ -> watches.close());
      UnaryCalls calls = new UnaryCalls("grpc.max-queries", config.grpc().maxQueries());
      JudgeGrpcService judge =
          new JudgeGrpcService(
              runs,
              new SampleStreamHandler(runs, telemetry.samples(), GrpcErrors::toStatus),
              calls,
              watches);
      PolicyGrpcService policyService =
          new PolicyGrpcService(
              policies, calls, pulled.map(settings -> sourceCheck(settings, clock)));
      SeriesFeeds series = SeriesFeeds.start(runs, telemetry.points());
      OtlpIngest otlp = new OtlpIngest(series, OtlpIngest.PATIENCE);
      RemoteWrite remoteWrite = new RemoteWrite(series, config.http().maxMetricsBytes());
      Availability availability = new Availability();
      ReadinessCheck storeIsReachable =
          new ReadinessCheck("store", () -> store.list(RunFilter.ALL, 1, ""));
      http =
          HttpDoor.open(
              config,
              material,
              access,
              availability,
              List.of(
                  new JsonView(judge, policyService),
                  new OtlpRoutes(otlp),
                  new RemoteWriteRoute(remoteWrite),
                  new NotificationRoutes(store.outbox(), clock),
                  new KayentaRoutes(runs, policies, pulled.isPresent(), clock),
                  new FlaggerRoutes(runs, new PoliciesOfRuns(policies)),
                  new PrometheusRoutes(runs, clock),
                  new HealthRoutes(availability, List.of(storeIsReachable)),
                  new MetricsRoute(telemetry.registry())),
              telemetry.http()::answered);
      parts.push("http", _ -> http.close());
      grpc =
          GrpcDoor.open(
              config,
              material,
              access,
              availability,
              List.of(judge, policyService, new OtlpGrpcService(otlp)),
              telemetry.grpc());
      parts.push("grpc", grpc::close);
      // Closed first, in this order: say so, then end what waits, so that the ports can close.
      parts.push(
          "calls",
          patience -> {
            availability.draining();
            grpc.drain();
            watches.drain();
            runs.close(patience.toMillis() * 3 / 4);
          });
      // Whoever asks is to go to the other server; that it is alive is still true.
      runs.whenTakenOver(
          () -> {
            availability.draining();
            grpc.drain();
          });
      runs.serve();
      availability.ready();
      grpc.serve();
      pulled.ifPresent(settings -> startPull(settings, series, clock));
      notifier.start(); // without targets too: what is left of former ones has its time
      LOG.info("gRPC is served at {}", grpcAddress());
      LOG.info("HTTP is served at {}", httpUrl());
    } catch (IOException | RuntimeException e) {
      parts.close(Duration.ZERO);
      throw e;
    }
  }

  private static long sampleMemoryBytes(ServerConfig config) {
    long set = config.sampleMemoryBytes();
    return set > 0 ? set : Runtime.getRuntime().maxMemory() / 4;
  }

  private SourceCheck sourceCheck(PullSettings settings, InstantSource clock) {
    SourceCheck check = new SourceCheck(settings, clock, telemetry.pull());
    parts.push("source check", _ -> check.close());
    return check;
  }

  private void startPull(PullSettings settings, SeriesFeeds series, InstantSource clock) {
    PrometheusPull pull =
        new PrometheusPull(
            series::wishes, series::pulled, series, settings, clock, telemetry.pull());
    parts.push("pull", pull::close);
    pull.start();
  }

  /** The presets first, so that a file of the same name has the last word. */
  private static Policies loadPolicies(
      SequencedMap<String, Policy> files, PolicyStore store, InstantSource clock) {
    Policies policies = new Policies(store, clock);
    PolicyLoader loader = new PolicyLoader(policies);
    loader.loadPresets();
    loader.loadFiles(files);
    return policies;
  }

  /**
   * Starts a server and waits until it answers calls.
   *
   * @throws StartException if something that it needs is not there, such as a free port
   */
  public static Server start(ServerConfig config) {
    try {
      return new Server(config, InstantSource.system());
    } catch (IOException | RuntimeException e) {
      throw StartException.of(config, e);
    }
  }

  /** The bound gRPC port. */
  public int grpcPort() {
    return grpc.port();
  }

  /** The bound HTTP port. */
  public int httpPort() {
    return http.port();
  }

  /** What {@code /metrics} shows; here it can also be read when the ports are closed. */
  PrometheusRegistry metrics() {
    return telemetry.registry();
  }

  /** What is behind the gRPC port. */
  List<ServerServiceDefinition> grpcServices() {
    return grpc.services();
  }

  /** What the routes behind the HTTP port ask admission for. */
  List<String> httpOperations() {
    return http.routes().stream().map(HttpRoute::operation).toList();
  }

  /** Host and port of the gRPC door. */
  public String grpcAddress() {
    return host() + ":" + grpcPort();
  }

  /** Where the HTTP door is. */
  public String httpUrl() {
    return (tls ? "https://" : "http://") + host() + ":" + httpPort();
  }

  private String host() {
    return config.listen().contains(":") ? "[" + config.listen() + "]" : config.listen();
  }

  /**
   * Stops gracefully, within the configured time: says so to whoever asks for its health, takes
   * nothing new, acknowledges what it has taken, ends what is in progress. May be called twice.
   */
  @Override
  public void close() {
    parts.close(config.stopTimeout());
  }
}
