package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A copy of a directory with {@code package.json} and {@code package-lock.json}, with the packages
 * of the lock file from npm beside it. A test is skipped where Node.js, npm or the packages cannot
 * be had.
 *
 * @param directory where it is, below {@code target}
 */
public record NodeProject(Path directory) {

  private static final String LOCK = "package-lock.json";

  /**
   * Gets the packages, once for each lock file.
   *
   * @param source the directory; its files are copied, and what lies deeper is not
   * @param name of the directory below {@code target}, which is one test class's own
   */
  public static NodeProject install(Path source, String name)
      throws IOException, InterruptedException {
    for (String program : List.of("node", "npm")) {
      assumeTrue(
          isOnPath(program), program + " is not on the PATH: install the packages nodejs, npm");
    }
    assertNamesNoOtherRegistry(source.resolve(LOCK));
    Path target = Files.createDirectories(Path.of("target", name));
    boolean installed =
        Files.exists(target.resolve("node_modules/.package-lock.json"))
            && Files.exists(target.resolve(LOCK))
            && Files.mismatch(target.resolve(LOCK), source.resolve(LOCK)) < 0;
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    if (!installed) {
      getPackages(target);
    }
    return new NodeProject(target);
  }

  private static boolean isOnPath(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** A registry of somebody's own has no place in a file that everybody uses. */
  private static void assertNamesNoOtherRegistry(Path lock) throws IOException {
    String text = Files.readString(lock);
    assertThat(text).contains("\"integrity\": \"sha512-");
    assertThat(text.lines().filter(line -> line.contains("\"resolved\"")))
        .allMatch(line -> line.contains("https://registry.npmjs.org/"));
  }

  private static void getPackages(Path target) throws IOException, InterruptedException {
    Path log = target.resolve("npm.log");
    Process npm =
        new ProcessBuilder(
                "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", "npm-cache")
            .directory(target.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = npm.waitFor(3, TimeUnit.MINUTES);
    if (!ended) {
      npm.destroyForcibly();
    }
    assumeTrue(
        ended && npm.exitValue() == 0, () -> "npm could not get the packages, see server/" + log);
  }

  /** A process of Node.js in the directory, with what it says in a file there. */
  public ProcessBuilder node(String log, String... arguments) {
    List<String> command = new ArrayList<>(List.of("node"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve(log).toFile());
  }
}
