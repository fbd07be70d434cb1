package io.canaryjudge.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server in a process of its own, and what the operating system says of it (Linux). */
final class ServerProcess implements AutoCloseable {

  private static final Pattern PORTS = Pattern.compile("READY grpc=\\S*:(\\d+) http=\\S*:(\\d+)");
  private static final Pattern HEAP_USED = Pattern.compile("heap.*used (\\d+)K");
  private static final Pattern RSS = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final String JAVA_BIN = System.getProperty("java.home") + "/bin/";

  /** Linux counts the processor time of a process in units of 1/100 s, on every platform. */
  private static final double TICKS_PER_SECOND = 100;

  private final Process process;
  private final Ports ports;

  private record Ports(int grpc, int http) {}

  private ServerProcess(Process process, Ports ports) {
    this.process = process;
    this.ports = ports;
  }

  /** The server as it is shipped, on a new embedded database in a directory. */
  static ServerProcess real(Path directory) throws IOException {
    return start(
        "io.canaryjudge.server.Main",
        "server",
        "--grpc-port=0",
        "--http-port=0",
        "--database=jdbc:sqlite:" + directory.resolve("bench.db"));
  }

  /** The same ports with handlers that only count: {@link EmptyServer}. */
  static ServerProcess empty() throws IOException {
    return start(EmptyServer.class.getName());
  }

  private static ServerProcess start(String mainClass, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                JAVA_BIN + "java",
                "-Xmx1g",
                // So that none ends, and its processor time stays apart from that of the others.
                "-XX:-UseDynamicNumberOfCompilerThreads",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                mainClass));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    // Not left behind when the benchmark is interrupted.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
    CompletableFuture<Ports> ports = new CompletableFuture<>();
    Thread.ofPlatform().daemon().start(() -> readLog(process, ports));
    try {
      return new ServerProcess(process, ports.get(2, TimeUnit.MINUTES));
    } catch (ExecutionException | TimeoutException e) {
      process.destroyForcibly();
      throw new IOException(mainClass + " did not start", e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IllegalStateException(e);
    }
  }

  private static void readLog(Process process, CompletableFuture<Ports> ports) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher found = PORTS.matcher(line);
        if (found.find()) {
          ports.complete(
              new Ports(Integer.parseInt(found.group(1)), Integer.parseInt(found.group(2))));
        } else if (!line.contains("level=INFO")) {
          System.err.println("  [server] " + line);
        }
      }
    } catch (IOException e) {
      ports.completeExceptionally(e);
    }
    ports.completeExceptionally(new IOException("the process has ended"));
  }

  /** The gRPC port. */
  int port() {
    return ports.grpc();
  }

  int httpPort() {
    return ports.http();
  }

  /**
   * Processor time that the process has used so far, in seconds, to about 0.01 s. Without that of
   * the just-in-time compiler: it ends when a server has run for a while, and says nothing of it.
   */
  double cpuSeconds() {
    double compilers = 0;
    for (File thread : Objects.requireNonNull(proc("task").toFile().listFiles())) {
      Path stat = thread.toPath().resolve("stat");
      String line = Files.exists(stat) ? read(stat) : "";
      if (line.contains(" CompilerThre)")) {
        compilers += cpuSeconds(line);
      }
    }
    return cpuSeconds(read(proc("stat"))) - compilers;
  }

  /** utime and stime, the 14th and 15th field; the second one, the name, may hold spaces. */
  private static double cpuSeconds(String stat) {
    List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
    return (Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12))) / TICKS_PER_SECOND;
  }

  /** Physical memory that the process holds, in bytes. */
  long residentBytes() {
    return number(RSS, read(proc("status"))) * 1024;
  }

  /** Bytes of heap that are still used after a collection. */
  long heapBytesAfterCollection() {
    jcmd("GC.run");
    jcmd("GC.run");
    return number(HEAP_USED, jcmd("GC.heap_info")) * 1024;
  }

  private String jcmd(String command) {
    try {
      Process jcmd =
          new ProcessBuilder(JAVA_BIN + "jcmd", Long.toString(process.pid()), command)
              .redirectErrorStream(true)
              .start();
      return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path proc(String file) {
    return Path.of("/proc/" + process.pid(), file);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long number(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    if (!found.find()) {
      throw new IllegalStateException(text + " (expected: " + pattern + ")");
    }
    return Long.parseLong(found.group(1));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
