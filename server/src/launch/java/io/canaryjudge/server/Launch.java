package io.canaryjudge.server;

import java.io.IOException;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The main class of the runnable jar, compiled for Java 11 so that {@code java -jar} can say
 * something helpful where the default {@code java} is older than the server needs.
 *
 * <p>Runs {@code Main} in this JVM if it is new enough. Otherwise it looks for an installed JDK
 * that is, starts {@code Main} there with the same arguments, JVM options, input and output, passes
 * a termination on to it and ends with its exit code. {@code bin/canary-judge} looks in the same
 * places and starts that JDK at once, without a second process.
 */
public final class Launch {

  /**
   * The oldest Java release that {@code Main} runs on; that of {@code java.release} in the build.
   */
  static final int REQUIRED_FEATURE = 25;

  /** Exit code when no Java is new enough: {@code EX_USAGE} of {@code sysexits.h}. */
  static final int EXIT_NO_JAVA = 64;

  private static final String MAIN = "io.canaryjudge.server.Main";

  private Launch() {}

  /**
   * Starts the program.
   *
   * @param args passed on unchanged
   * @throws Exception what {@code Main} throws, or when the found JDK cannot be started
   */
  public static void main(String[] args) throws Exception {
    if (Runtime.version().feature() >= REQUIRED_FEATURE) {
      runHere(args);
      return;
    }
    Path home = Path.of(System.getProperty("user.home"));
    Optional<Path> java = findJava(candidates(System.getenv(), Path.of("/"), home));
    if (java.isEmpty()) {
      System.err.println(
          "Canary Judge needs Java "
              + REQUIRED_FEATURE
              + " or newer. This is Java "
              + Runtime.version().feature()
              + ", and no newer one was found in JAVA_HOME, JDK_HOME, /usr/lib/jvm, /opt/java,"
              + " ~/.jdks, ~/.sdkman or /Library/Java.\n"
              + "Install a JDK "
              + REQUIRED_FEATURE
              + " (for example Eclipse Temurin), or point JAVA_HOME at one.");
      System.exit(EXIT_NO_JAVA);
    }
    System.exit(runThere(command(java.get(), args)));
  }

  private static void runHere(String[] args) throws Exception {
    try {
      Class.forName(MAIN).getMethod("main", String[].class).invoke(null, (Object) args);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Exception) {
        throw (Exception) e.getCause();
      }
      throw e;
    }
  }

  private static int runThere(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    // Flyway's command line reports usage to its maker; nothing of it is used here, but say no
    // aloud.
    builder.environment().put("REDGATE_DISABLE_TELEMETRY", "true");
    Process process = builder.start();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  process.destroy();
                  waitUninterruptibly(process);
                  // Its exit code, and not the 143 of a JVM that was signalled.
                  Runtime.getRuntime().halt(process.exitValue());
                },
                "pass-termination-on"));
    return process.waitFor();
  }

  /** The server drains before it ends; whoever signalled us must not see us gone before it is. */
  private static void waitUninterruptibly(Process process) {
    while (process.isAlive()) {
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        // A shutdown hook has nobody to hand the interrupt to.
      }
    }
  }

  static List<String> command(Path java, String[] args) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--class-path");
    command.add(System.getProperty("java.class.path"));
    command.add(MAIN);
    command.addAll(List.of(args));
    return command;
  }

  /** Java homes in the order of preference: what the user named, then what is installed. */
  static List<Path> candidates(Map<String, String> environment, Path root, Path home)
      throws IOException {
    List<Path> homes = new ArrayList<>();
    for (String variable : List.of("JAVA_HOME", "JDK_HOME")) {
      String value = environment.getOrDefault(variable, "");
      if (!value.isEmpty()) {
        homes.add(Path.of(value));
      }
    }
    homes.addAll(children(root.resolve("usr/lib/jvm")));
    homes.addAll(children(root.resolve("opt/java")));
    homes.addAll(children(home.resolve(".jdks")));
    homes.addAll(children(home.resolve(".sdkman/candidates/java")));
    for (Path bundle : children(root.resolve("Library/Java/JavaVirtualMachines"))) {
      homes.add(bundle.resolve("Contents/Home"));
    }
    return homes;
  }

  private static List<Path> children(Path directory) throws IOException {
    List<Path> children = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        entries.forEach(children::add);
      }
    }
    children.sort(null);
    return children;
  }

  static Optional<Path> findJava(List<Path> homes) {
    return homes.stream()
        .filter(home -> feature(home) >= REQUIRED_FEATURE)
        .map(home -> home.resolve("bin/java"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** The feature number in a Java home's {@code release} file, or 0 if there is none to be read. */
  static int feature(Path home) {
    Properties release = new Properties();
    try (Reader reader = Files.newBufferedReader(home.resolve("release"), StandardCharsets.UTF_8)) {
      release.load(reader);
      String version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
      return Runtime.Version.parse(version).feature();
    } catch (IOException | IllegalArgumentException e) {
      return 0;
    }
  }
}
