package io.canaryjudge.server.crash;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * The server's classes, and an archive of them that lets its processes start in half the time. The
 * JVM makes archives of jars only, so the directories of a build are packed first.
 */
final class ServerClasses {

  private static final ToolProvider JAR = ToolProvider.findFirst("jar").orElseThrow();
  private static final Path DIRECTORY = Path.of("target", "crash").toAbsolutePath();
  private static final Path ARCHIVE = DIRECTORY.resolve("server.jsa");
  private static final String CLASS_PATH = pack();

  private ServerClasses() {}

  private static String pack() {
    List<String> parts = new ArrayList<>();
    try {
      Files.createDirectories(DIRECTORY);
      Files.deleteIfExists(ARCHIVE);
      for (String part : System.getProperty("java.class.path").split(File.pathSeparator)) {
        if (part.isEmpty()) {
          continue; // stands for the working directory, which no build means
        }
        if (!Files.isDirectory(Path.of(part))) {
          parts.add(part);
        } else if (!part.endsWith("test-classes")) {
          String jar = DIRECTORY.resolve("classes-" + parts.size() + ".jar").toString();
          JAR.run(
              System.out, System.err, "--create", "--no-compress", "--file", jar, "-C", part, ".");
          parts.add(jar);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return String.join(File.pathSeparator, parts);
  }

  static String classPath() {
    return CLASS_PATH;
  }

  /** Where the archive is, once a JVM has made it. */
  static Path archive() {
    return ARCHIVE;
  }
}
