import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.spi.ToolProvider;

/**
 * Runs google-java-format over every Java source of the repository, in one JVM of the release that
 * is compiled for: the build's own JVM may be too old to parse it. The root {@code pom.xml} starts
 * this file in source form.
 *
 * <p>Arguments: {@code check} or {@code apply}, the repository root, and a stamp file. Files older
 * than the stamp were found well formed by an earlier run and are skipped.
 */
final class Format {

  private static final Set<String> SKIPPED = Set.of("target", ".git", "node_modules");

  public static void main(String[] args) throws IOException {
    boolean check = args[0].equals("check");
    Path root = Path.of(args[1]);
    Path stamp = Path.of(args[2]);

    FileTime started = FileTime.fromMillis(System.currentTimeMillis());
    List<String> command = new ArrayList<>();
    if (check) {
      command.addAll(List.of("--dry-run", "--set-exit-if-changed"));
    } else {
      command.add("--replace");
    }
    List<String> sources = changedSince(stamp, root);
    command.addAll(sources);

    int exit = sources.isEmpty() ? 0 : run(command);
    if (exit != 0) {
      System.err.println(
          check
              ? "The files named above are not formatted. Repair: mvn -q -N -Pformat validate"
              : "Some sources could not be parsed; see above.");
      System.exit(exit);
    }
    Files.createDirectories(stamp.getParent());
    Files.write(stamp, new byte[0]);
    Files.setLastModifiedTime(stamp, started);
  }

  private static int run(List<String> command) {
    ToolProvider formatter = ToolProvider.findFirst("google-java-format").orElseThrow();
    PrintWriter out = new PrintWriter(System.out, true);
    PrintWriter err = new PrintWriter(System.err, true);
    return formatter.run(out, err, command.toArray(String[]::new));
  }

  private static List<String> changedSince(Path stamp, Path root) throws IOException {
    FileTime since =
        Files.exists(stamp) ? Files.getLastModifiedTime(stamp) : FileTime.fromMillis(0);
    List<String> sources = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            boolean skipped = SKIPPED.contains(directory.getFileName().toString());
            return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")
                && attributes.lastModifiedTime().compareTo(since) > 0) {
              sources.add(file.toString());
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return sources;
  }
}
