package io.canaryjudge.server.config;

import io.canaryjudge.server.notify.EventKind;
import io.canaryjudge.server.notify.Form;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that can be set about the process. Defaults, units and meanings are in {@link
 * ServerConfigReader}, which is the only place that makes one.
 *
 * @param listen address that both ports are bound to
 * @param insecureListen whether a non-loopback address may be bound without credentials
 * @param grpc the gRPC port
 * @param http the HTTP port
 * @param tls certificates; empty for plain text
 * @param accessFile who may do what; empty if callers are not asked for tokens
 * @param database where runs and policies are kept
 * @param policiesDirectory policy files that are loaded at start; empty for the presets only
 * @param prometheus where series of runs are read; empty for nowhere
 * @param notifications who is told what becomes of runs
 * @param commitInterval how long accepted samples wait for others before they are committed
 *     together
 * @param maxActiveRuns how many runs may take samples at once
 * @param sampleMemoryBytes how much memory samples may hold until their windows are sealed and
 *     durable, over all runs; 0 for a quarter of the heap
 * @param quietTime how long telemetry may be quiet before a retrospective run with a declared end
 *     has all of it
 * @param log how log lines look
 * @param stopTimeout how long a graceful stop may take
 */
public record ServerConfig(
    String listen,
    boolean insecureListen,
    Grpc grpc,
    Http http,
    Optional<TlsFiles> tls,
    Optional<Path> accessFile,
    Database database,
    Optional<Path> policiesDirectory,
    Optional<Prometheus> prometheus,
    Notify notifications,
    Duration commitInterval,
    int maxActiveRuns,
    long sampleMemoryBytes,
    Duration quietTime,
    Log log,
    Duration stopTimeout) {

  /**
   * The gRPC port and its limits.
   *
   * @param port TCP port; 0 takes a free one
   * @param maxMessageBytes largest request message
   * @param maxMetadataBytes largest request headers
   * @param maxCallsPerConnection calls that one connection may have in flight
   * @param maxConnectionAge age at which a connection is asked to end, so that clients spread out
   *     again
   * @param maxConnectionAgeGrace how long its calls may go on after that
   * @param maxConnectionIdle time without a call after which a connection is ended
   * @param keepaliveTime silence after which the server pings its peer
   * @param keepaliveTimeout time without an answer to that after which the connection is dead
   * @param minKeepaliveTime clients that ping more often are cut off
   * @param maxResets calls that a connection may reset within {@code resetWindow}
   * @param resetWindow see {@code maxResets}; whole seconds
   * @param maxQueries unary calls in progress, over all connections
   * @param maxWatches watches and long polls in progress, over all connections and both ports
   * @param heartbeat longest silence on a watch
   */
  public record Grpc(
      int port,
      int maxMessageBytes,
      int maxMetadataBytes,
      int maxCallsPerConnection,
      Duration maxConnectionAge,
      Duration maxConnectionAgeGrace,
      Duration maxConnectionIdle,
      Duration keepaliveTime,
      Duration keepaliveTimeout,
      Duration minKeepaliveTime,
      int maxResets,
      Duration resetWindow,
      int maxQueries,
      int maxWatches,
      Duration heartbeat) {}

  /**
   * The HTTP port and its limits.
   *
   * @param port TCP port; 0 takes a free one
   * @param maxBodyBytes largest request body, but for those with metrics
   * @param maxMetricsBytes largest request body with metrics, packed and unpacked
   * @param maxConnections connections at once
   * @param maxRequests requests in progress at once
   * @param idleTimeout time without a request after which a connection is ended
   */
  public record Http(
      int port,
      int maxBodyBytes,
      int maxMetricsBytes,
      int maxConnections,
      int maxRequests,
      Duration idleTimeout) {}

  /**
   * Certificates as PEM files.
   *
   * @param certificate the server's certificate and its chain
   * @param key its private key, PKCS #8, not encrypted
   * @param clientAuthority authority whose client certificates are required; empty for TLS without
   *     client certificates
   */
  public record TlsFiles(Path certificate, Path key, Optional<Path> clientAuthority) {}

  /**
   * Where runs and policies are kept.
   *
   * @param url {@code jdbc:sqlite:FILE} or {@code jdbc:postgresql://HOST/NAME}
   * @param user user name; may be empty
   * @param password password; may be empty
   */
  public record Database(String url, String user, String password) {

    /** Without the password. */
    @Override
    public String toString() {
      return "Database[url=" + url + ", user=" + user + "]";
    }
  }

  /**
   * A Prometheus-compatible server from which series of runs are read.
   *
   * @param url http or https, without {@code /api/v1}
   * @param interval from one reading to the next
   * @param timeout of a query
   * @param tokenFile holds a bearer token; empty for none
   * @param user user name for basic authentication; empty for none
   * @param passwordFile holds its password
   * @param authority authority of the server's certificate; empty for those that the JDK trusts
   * @param tenant value of the header X-Scope-OrgID; empty for none
   * @param maxSeries most series in an answer
   * @param maxResponseBytes largest answer
   */
  public record Prometheus(
      URI url,
      Duration interval,
      Duration timeout,
      Optional<Path> tokenFile,
      String user,
      Optional<Path> passwordFile,
      Optional<Path> authority,
      String tenant,
      int maxSeries,
      int maxResponseBytes) {}

  /**
   * Who is told what becomes of runs, and how.
   *
   * @param targets receivers, by name
   * @param publicUrl where people and tools reach this server; empty if unknown
   * @param timeout how long an attempt may take
   * @param maxAge age at which a notification is given up
   * @param retention how long those that were delivered or given up are kept
   * @param concurrency attempts at once for each target
   * @param maxWaiting notifications that may wait for each target
   */
  public record Notify(
      List<NotifyTarget> targets,
      String publicUrl,
      Duration timeout,
      Duration maxAge,
      Duration retention,
      int concurrency,
      int maxWaiting) {}

  /**
   * A receiver of notifications.
   *
   * @param name its name
   * @param url where messages go; empty if {@code urlFile} has it
   * @param urlFile file with the URL
   * @param form what messages look like
   * @param events what it is told of
   * @param services of which services; empty for all
   * @param secret signs messages; may be empty
   * @param secretFile file with such secrets
   * @param tokenFile file with a bearer token
   * @param authority authority of its certificate; empty for those that the JDK trusts
   * @param environment what CDEvents say of runs without a label of that name
   */
  public record NotifyTarget(
      String name,
      Optional<URI> url,
      Optional<Path> urlFile,
      Form form,
      Set<EventKind> events,
      List<String> services,
      String secret,
      Optional<Path> secretFile,
      Optional<Path> tokenFile,
      Optional<Path> authority,
      String environment) {

    /** Without the secrets. */
    @Override
    public String toString() {
      return "NotifyTarget[name=" + name + ", form=" + form + "]";
    }
  }

  /**
   * How log lines look.
   *
   * @param format one line per record, as {@code key=value} or as JSON
   * @param level least important level that is written
   */
  public record Log(Format format, Level level) {

    /** Form of a line. */
    public enum Format {
      /** {@code time=… level=… logger=… message="…"}. */
      TEXT,
      /** One JSON object. */
      JSON
    }

    /** Importance. */
    public enum Level {
      /** Only what needs a person. */
      ERROR,
      /** And what may need one. */
      WARN,
      /** And what happened. */
      INFO,
      /** And how. */
      DEBUG
    }
  }
}
