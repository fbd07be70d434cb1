package io.canaryjudge.server;

import io.canaryjudge.server.config.ConfigException;
import io.canaryjudge.server.config.ServerConfigLoader;
import io.canaryjudge.server.log.Logging;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the server until it is told to stop. */
@Command(
    name = "server",
    description = "Runs the server until SIGTERM or Ctrl-C.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Every setting can also be given in the file of --config, or as an environment variable:",
      "grpc.port is CANARY_JUDGE_GRPC_PORT. Flags win over the environment, the environment wins",
      "over the file. --print-config shows all settings with their meaning."
    })
final class ServerCommand implements Callable<Integer> {

  /** Exit codes of sysexits.h, so that an init system can tell what to do about them. */
  static final int EXIT_UNAVAILABLE = 69;

  static final int EXIT_CONFIG = 78;

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--config", paramLabel = "FILE", description = "YAML file of settings.")
  private @Nullable Path config;

  @Option(names = "--listen", paramLabel = "ADDRESS", description = "Address of both ports.")
  private @Nullable String listen;

  @Option(
      names = "--grpc-port",
      paramLabel = "PORT",
      description = "gRPC port; 0 takes a free one.")
  private @Nullable String grpcPort;

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      description = "HTTP port; 0 takes a free one.")
  private @Nullable String httpPort;

  @Option(
      names = "--database",
      paramLabel = "URL",
      description = "jdbc:sqlite:FILE or jdbc:postgresql://HOST/NAME.")
  private @Nullable String database;

  @Option(
      names = "--policies",
      paramLabel = "DIR",
      description = "Policy files that are loaded at start.")
  private @Nullable String policies;

  @Option(
      names = "--access-file",
      paramLabel = "FILE",
      description = "Tokens and certificates: who may do what.")
  private @Nullable String accessFile;

  @Option(
      names = "--insecure-listen",
      description = "Listen beyond loopback without asking callers for credentials.")
  private boolean insecureListen;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any other setting; may be repeated.")
  private Map<String, String> settings = new TreeMap<>();

  @Option(names = "--print-config", description = "Show the effective settings, and end.")
  private boolean printConfig;

  @Override
  public Integer call() throws InterruptedException {
    ServerConfigLoader.Loaded loaded;
    try {
      loaded = ServerConfigLoader.load(Optional.ofNullable(config), System.getenv(), flags());
    } catch (ConfigException e) {
      e.violations().forEach(err()::println);
      err().flush();
      return EXIT_CONFIG;
    }
    if (printConfig) {
      out().print(loaded.printed());
      out().flush();
      return 0;
    }
    Logging.configure(loaded.config().log());
    return run(loaded);
  }

  private int run(ServerConfigLoader.Loaded loaded) throws InterruptedException {
    Server server;
    try {
      server = Server.start(loaded.config());
    } catch (StartException e) {
      err().println(e.getMessage());
      err().flush();
      return e.ofFiles() ? EXIT_CONFIG : EXIT_UNAVAILABLE;
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  // By itself a JVM that a signal ends says 143, which init systems take for a
                  // failure.
                  Runtime.getRuntime().halt(0);
                },
                "stop"));
    // One line for scripts: what was bound, once calls are answered.
    out().println("READY grpc=" + server.grpcAddress() + " http=" + server.httpUrl());
    out().flush();
    new CountDownLatch(1).await(); // for ever: the end of the stop is that of the process
    return 0;
  }

  private Map<String, String> flags() {
    Map<String, String> flags = new TreeMap<>(settings);
    put(flags, "listen", listen);
    put(flags, "grpc.port", grpcPort);
    put(flags, "http.port", httpPort);
    put(flags, "database.url", database);
    put(flags, "policies.directory", policies);
    put(flags, "access.file", accessFile);
    put(flags, "insecure-listen", insecureListen ? "true" : null);
    return flags;
  }

  private static void put(Map<String, String> flags, String key, @Nullable String value) {
    if (value != null) {
      flags.put(key, value);
    }
  }

  private PrintWriter out() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }
}
