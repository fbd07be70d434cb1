package io.canaryjudge.server;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Programs that tests call. Where one is missing, the test fails and says what to install. */
public final class Tools {

  private static final Map<String, String> PACKAGES =
      Map.of("prometheus", "prometheus", "promtool", "prometheus", "protoc", "protobuf-compiler");

  private Tools() {}

  /** Where a program is. */
  public static String find(String program) {
    for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
      Path file = Path.of(folder, program);
      if (Files.isExecutable(file)) {
        return file.toString();
      }
    }
    throw new AssertionError(
        program
            + " is not on the PATH: install it, for example with the package "
            + PACKAGES.get(program));
  }

  /** Exit code and everything that a program printed. */
  public record Outcome(int code, String output) {}

  /** Runs a program to its end. */
  public static Outcome run(Path input, String program, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addFirst(find(program));
    return run(input, Map.of(), command);
  }

  /** Runs a command to its end, with more in its environment. */
  public static Outcome run(Path input, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Path output = Files.createTempFile("tool", ".out");
    try {
      Process process =
          builder.redirectInput(input.toFile()).redirectOutput(output.toFile()).start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command.getFirst() + " did not end within 60 s");
      }
      return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    } finally {
      Files.delete(output);
    }
  }
}
