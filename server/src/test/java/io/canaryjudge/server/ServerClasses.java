package io.canaryjudge.server;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;

/**
 * Processes of our own classes that start in half the time: by an archive of the classes that a
 * server loads, made once for all tests. The JVM makes archives of jars only, so the directories of
 * a build are packed first.
 */
public final class ServerClasses {

  private static final ToolProvider JAR = ToolProvider.findFirst("jar").orElseThrow();
  private static final String TESTS = "test-classes";
  private static final Path DIRECTORY = Path.of("target", "classes-archive").toAbsolutePath();
  private static final Path ARCHIVE = DIRECTORY.resolve("server.jsa");
  private static final Path DATABASE = DIRECTORY.resolve("judge.db");
  private static final long PATIENCE_SECONDS = 120;
  private static final List<String> CLASS_PATH = pack();

  static {
    makeArchive();
  }

  private ServerClasses() {}

  private static List<String> pack() {
    List<String> parts = new ArrayList<>();
    try {
      Files.createDirectories(DIRECTORY);
      Files.deleteIfExists(ARCHIVE);
      for (String suffix : List.of("", "-wal", "-shm")) {
        // What another build left may be of another version.
        Files.deleteIfExists(Path.of(DATABASE + suffix));
      }
      for (String part : System.getProperty("java.class.path").split(File.pathSeparator)) {
        if (part.isEmpty()) {
          continue; // stands for the working directory, which no build means
        }
        if (!Files.isDirectory(Path.of(part))) {
          parts.add(part);
        } else if (!part.endsWith(TESTS)) {
          String jar = DIRECTORY.resolve("classes-" + parts.size() + ".jar").toString();
          JAR.run(
              System.out, System.err, "--create", "--no-compress", "--file", jar, "-C", part, ".");
          parts.add(jar);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(parts);
  }

  /** Lets a server start and stop. */
  private static void makeArchive() {
    List<String> command = jvm("ArchiveClassesAtExit", CLASS_PATH, List.of());
    command.addAll(
        List.of(
            Main.class.getName(),
            "server",
            "--grpc-port=0",
            "--http-port=0",
            "--database=jdbc:sqlite:" + DATABASE,
            "--set=log.level=warn"));
    try {
      Path log = DIRECTORY.resolve("server.log");
      Process server = new ProcessBuilder(command).redirectError(log.toFile()).start();
      try (BufferedReader out = server.inputReader()) {
        String line;
        do {
          line = out.readLine();
        } while (line != null && !line.startsWith("READY"));
        server.destroy(); // SIGTERM
        if (line == null || !server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError("no server that starts and stops: " + Files.readString(log));
        }
      } finally {
        server.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The command of a JVM, to which the arguments of the program are added.
   *
   * @param program may be one of the tests' own
   * @param options of the JVM, more than those for a quick start
   */
  public static List<String> command(Class<?> program, String... options) {
    List<String> classPath = new ArrayList<>(CLASS_PATH);
    if (program.getProtectionDomain().getCodeSource().getLocation().getPath().contains(TESTS)) {
      for (String part : System.getProperty("java.class.path").split(File.pathSeparator)) {
        if (part.endsWith(TESTS)) {
          classPath.add(part);
        }
      }
    }
    List<String> command = jvm("SharedArchiveFile", classPath, List.of(options));
    command.add(program.getName());
    return command;
  }

  private static List<String> jvm(
      String archiveOption, List<String> classPath, List<String> options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-XX:" + archiveOption + "=" + ARCHIVE,
                "-Xlog:disable",
                "--enable-native-access=ALL-UNNAMED"));
    command.addAll(options);
    command.addAll(List.of("--class-path", String.join(File.pathSeparator, classPath)));
    return command;
  }
}
