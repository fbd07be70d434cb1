package io.canaryjudge.server.config;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Every setting there is: its key, default, range and meaning. */
final class ServerConfigReader {

  private static final Duration NONE = Duration.ZERO;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofHours(24);

  private final SettingReader read;

  ServerConfigReader(SettingReader read) {
    this.read = read;
  }

  ServerConfig read() {
    String listen =
        read.text("listen", "127.0.0.1", "Address that both ports are bound to; 0.0.0.0 for all.");
    boolean insecureListen =
        read.flag(
            "insecure-listen",
            "Bind an address beyond loopback although callers are not asked for credentials.");
    ServerConfig config =
        new ServerConfig(
            listen,
            insecureListen,
            grpc(),
            http(),
            tls(),
            read.path("access.file", "YAML file of tokens and certificates: who may do what."),
            database(),
            read.path(
                "policies.directory", "Policy files (YAML or JSON) that are loaded at start."),
            prometheus(),
            new NotifyConfigReader(read).read(),
            read.duration(
                "runs.commit-interval",
                Duration.ofMillis(100),
                Duration.ofMillis(1),
                Duration.ofSeconds(10),
                "How long samples wait for others before they are committed and acknowledged."),
            read.number(
                "runs.max-active", 1_000, 1, 100_000, "Runs that may take samples at once."),
            read.bytes(
                "runs.sample-memory",
                0L,
                0,
                1L << 40,
                "Memory that samples of all runs hold until they are judged and durable;"
                    + " 0B for a quarter of the heap."),
            read.duration(
                "runs.quiet-time",
                Duration.ofMinutes(2),
                Duration.ofMillis(1),
                Duration.ofHours(1),
                "Silence of telemetry after which a retrospective run with an end has all of it."),
            log(),
            read.duration(
                "stop-timeout",
                Duration.ofSeconds(10),
                NONE,
                HOUR,
                "How long a graceful stop may take."));
    checkListen(config);
    return config;
  }

  private ServerConfig.Grpc grpc() {
    return new ServerConfig.Grpc(
        read.port("grpc.port", 9090, "TCP port for gRPC; 0 takes a free one."),
        read.bytes("grpc.max-message-size", 4 << 20, 1 << 10, 64 << 20, "Largest request message."),
        read.bytes(
            "grpc.max-metadata-size", 16 << 10, 1 << 10, 1 << 20, "Largest request headers."),
        read.number(
            "grpc.max-calls-per-connection",
            100,
            1,
            10_000,
            "Calls that one connection may have in flight."),
        read.duration(
            "grpc.max-connection-age",
            HOUR,
            SECOND,
            DAY,
            "Age at which a connection is asked to end, so that clients spread out again."),
        read.duration(
            "grpc.max-connection-age-grace",
            Duration.ofMinutes(5),
            NONE,
            DAY,
            "How long the calls of such a connection may go on."),
        read.duration(
            "grpc.max-connection-idle",
            Duration.ofMinutes(10),
            SECOND,
            DAY,
            "Time without a call after which a connection is ended."),
        read.duration(
            "grpc.keepalive-time",
            Duration.ofMinutes(1),
            Duration.ofSeconds(10), // gRPC takes no less
            DAY,
            "Silence after which the server pings its peer."),
        read.duration(
            "grpc.keepalive-timeout",
            Duration.ofSeconds(20),
            SECOND,
            HOUR,
            "Time without an answer to that ping after which the connection is dead."),
        read.duration(
            "grpc.min-keepalive-time",
            Duration.ofSeconds(10),
            SECOND,
            DAY,
            "Clients that ping more often than this are cut off."),
        read.number(
            "grpc.max-resets",
            200,
            1,
            1_000_000,
            "Calls that one connection may reset within grpc.reset-window."),
        read.duration(
            "grpc.reset-window",
            Duration.ofSeconds(30),
            SECOND,
            HOUR,
            "See grpc.max-resets; whole seconds."),
        read.number(
            "grpc.max-queries",
            256,
            1,
            100_000,
            "Unary calls in progress over all connections; more are refused with LIMIT_REACHED."),
        read.number(
            "grpc.max-watches",
            10_000,
            1,
            1_000_000,
            "Watches and long polls in progress, on both ports; more are refused likewise."),
        read.duration(
            "grpc.heartbeat",
            Duration.ofSeconds(15),
            Duration.ofMillis(10),
            Duration.ofMinutes(5),
            "Longest silence on a watch."));
  }

  private ServerConfig.Http http() {
    return new ServerConfig.Http(
        read.port("http.port", 8080, "TCP port for HTTP; 0 takes a free one."),
        read.bytes("http.max-body-size", 1 << 20, 1 << 10, 64 << 20, "Largest request body."),
        read.bytes(
            "http.max-metrics-size",
            4 << 20,
            1 << 10,
            64 << 20,
            "Largest request body with metrics (OTLP, remote write), packed and unpacked."),
        read.number("http.max-connections", 1_000, 1, 1_000_000, "Connections at once."),
        read.number("http.max-requests", 1_000, 1, 1_000_000, "Requests in progress at once."),
        read.duration(
            "http.idle-timeout",
            Duration.ofMinutes(1),
            SECOND,
            DAY,
            "Time without a request after which a connection is ended."));
  }

  private Optional<ServerConfig.TlsFiles> tls() {
    Optional<Path> certificate =
        read.path("tls.certificate", "PEM file: the server's certificate and its chain.");
    Optional<Path> key = read.path("tls.key", "PEM file: its private key (PKCS #8).");
    Optional<Path> clientAuthority =
        read.path(
            "tls.client-authority",
            "PEM file: authority whose client certificates are required (mutual TLS).");
    if (certificate.isPresent() && key.isPresent()) {
      return Optional.of(new ServerConfig.TlsFiles(certificate.get(), key.get(), clientAuthority));
    }
    if (certificate.isPresent()) {
      read.refuse("tls.key", "nothing", "the key of tls.certificate");
    }
    if (key.isPresent()) {
      read.refuse("tls.certificate", "nothing", "the certificate of tls.key");
    }
    if (certificate.isEmpty() && key.isEmpty() && clientAuthority.isPresent()) {
      read.refuse("tls.certificate", "nothing", "a certificate, since tls.client-authority is set");
    }
    return Optional.empty();
  }

  private ServerConfig.Database database() {
    String url =
        read.text(
            "database.url",
            "jdbc:sqlite:canary-judge.db",
            "jdbc:sqlite:FILE or jdbc:postgresql://HOST/NAME.");
    if (!url.startsWith("jdbc:sqlite:") && !url.startsWith("jdbc:postgresql:")) {
      read.refuse("database.url", url, "jdbc:sqlite:FILE or jdbc:postgresql://HOST/NAME");
    }
    return new ServerConfig.Database(
        url,
        read.text("database.user", "", "User name."),
        read.secret("database.password", "Password."));
  }

  private Optional<ServerConfig.Prometheus> prometheus() {
    String url =
        read.text("prometheus.url", "", "Prometheus-compatible server that series are read from.");
    Duration interval =
        read.duration(
            "prometheus.interval",
            Duration.ofSeconds(15),
            SECOND,
            Duration.ofMinutes(2),
            "From one reading to the next; best the scrape interval.");
    Duration timeout =
        read.duration(
            "prometheus.timeout",
            Duration.ofSeconds(10),
            Duration.ofMillis(100),
            Duration.ofMinutes(2),
            "How long a query may take.");
    Optional<Path> tokenFile =
        read.path("prometheus.token-file", "File with a bearer token; read for each query.");
    String user = read.text("prometheus.user", "", "User name for basic authentication.");
    Optional<Path> passwordFile =
        read.path("prometheus.password-file", "File with its password; read for each query.");
    if (tokenFile.isPresent() && !user.isEmpty()) {
      read.refuse("prometheus.user", user, "nothing, since prometheus.token-file is set");
    }
    if (user.isEmpty() && passwordFile.isPresent()) {
      read.refuse("prometheus.user", "nothing", "the user of prometheus.password-file");
    }
    Optional<Path> authority =
        read.path("prometheus.ca-file", "PEM file: authority of its certificate, if not public.");
    String tenant = read.text("prometheus.tenant", "", "Sent as X-Scope-OrgID (Mimir, Cortex).");
    if (!tenant.chars().allMatch(c -> c > ' ' && c < 127)) {
      read.refuse("prometheus.tenant", tenant, "printable characters without spaces");
    }
    int maxSeries =
        read.number(
            "prometheus.max-series",
            10_000,
            1,
            100_000,
            "Series in one answer; with more, none are taken.");
    int maxResponse =
        read.bytes(
            "prometheus.max-response-size",
            16 << 20,
            1 << 10,
            256 << 20,
            "Largest answer; none of a larger one is taken.");
    if (url.isEmpty()) {
      return Optional.empty();
    }
    return prometheusUrl(url)
        .map(
            uri ->
                new ServerConfig.Prometheus(
                    uri,
                    interval,
                    timeout,
                    tokenFile,
                    user,
                    passwordFile,
                    authority,
                    tenant,
                    maxSeries,
                    maxResponse));
  }

  private Optional<URI> prometheusUrl(String text) {
    try {
      URI url = new URI(text);
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      boolean plain =
          url.getUserInfo() == null && url.getQuery() == null && url.getFragment() == null;
      if (http && plain && url.getHost() != null) {
        return Optional.of(url);
      }
    } catch (URISyntaxException _) {
      // Refused below.
    }
    // It is not repeated: there may be a password in it.
    read.refuse(
        "prometheus.url", "not such a URL", "http://HOST:PORT/PATH, or https, without credentials");
    return Optional.empty();
  }

  private ServerConfig.Log log() {
    return new ServerConfig.Log(
        read.choice(
            "log.format",
            ServerConfig.Log.Format.class,
            ServerConfig.Log.Format.TEXT,
            "Form of a log line: text (key=value) or json."),
        read.choice(
            "log.level",
            ServerConfig.Log.Level.class,
            ServerConfig.Log.Level.INFO,
            "Least important level that is logged: error, warn, info or debug."));
  }

  /** Closed by default: beyond loopback only with credentials, or with a flag that says so. */
  private void checkListen(ServerConfig config) {
    boolean loopback;
    try {
      loopback = InetAddress.getByName(config.listen()).isLoopbackAddress();
    } catch (UnknownHostException _) {
      read.refuse("listen", config.listen(), "an address of this machine");
      return;
    }
    boolean asksForCredentials =
        config.accessFile().isPresent()
            || config.tls().flatMap(ServerConfig.TlsFiles::clientAuthority).isPresent();
    boolean closed = config.tls().isPresent() && asksForCredentials;
    if (!loopback && !closed && !config.insecureListen()) {
      read.refuse(
          "listen",
          config.listen(),
          "a loopback address, or TLS (tls.certificate, tls.key) with credentials (access.file or"
              + " tls.client-authority), or insecure-listen: true");
    }
  }
}
