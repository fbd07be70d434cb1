package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaunchTest {

  @TempDir private Path root;

  @Test
  void prefersTheJavaThatTheUserNamed() throws IOException {
    Path installed = javaHome("usr/lib/jvm/java-25", "25.0.3");
    Path named = javaHome("somewhere/java-26", "26");

    assertThat(found(Map.of("JAVA_HOME", named.toString()))).isEqualTo(named.resolve("bin/java"));
    assertThat(found(Map.of("JDK_HOME", named.toString()))).isEqualTo(named.resolve("bin/java"));
    assertThat(found(Map.of())).isEqualTo(installed.resolve("bin/java"));
  }

  @Test
  void stepsOverOlderJavasAndDirectoriesThatAreNone() throws IOException {
    Path old = javaHome("usr/lib/jvm/java-17", "17.0.15");
    javaHome("usr/lib/jvm/java-8", "1.8.0_402");
    Files.createDirectories(root.resolve("usr/lib/jvm/empty"));
    Path unfinished = javaHome("usr/lib/jvm/unfinished", "25");
    Files.delete(unfinished.resolve("bin/java"));
    javaHome("usr/lib/jvm/unreadable", "twenty-five");
    Path wanted = javaHome("home/.jdks/temurin-25", "25.0.1");

    assertThat(found(Map.of("JAVA_HOME", old.toString()))).isEqualTo(wanted.resolve("bin/java"));
  }

  @Test
  void findsNothingWhereThereIsNothing() throws IOException {
    javaHome("usr/lib/jvm/java-21", "21.0.2");

    assertThat(Launch.findJava(Launch.candidates(Map.of(), root, root.resolve("home")))).isEmpty();
  }

  @Test
  void startsTheServerOnTheSameClassPathWithTheSameArguments() {
    List<String> command = Launch.command(Path.of("/java"), new String[] {"demo", "--exit"});

    assertThat(command).startsWith("/java").contains("--enable-native-access=ALL-UNNAMED");
    assertThat(command)
        .endsWith(
            "--class-path",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "demo",
            "--exit");
  }

  @Test
  void requiresTheReleaseThatTheServerIsCompiledFor() throws IOException {
    assertThat(javaReleaseOf(Main.class)).isEqualTo(Launch.REQUIRED_FEATURE);
  }

  @Test
  void canItselfBeReadByJava11() throws IOException {
    assertThat(javaReleaseOf(Launch.class)).isEqualTo(11);
  }

  /** The release in a class file's header: its major version is 44 more. */
  private static int javaReleaseOf(Class<?> type) throws IOException {
    try (var classFile =
        new DataInputStream(type.getResourceAsStream(type.getSimpleName() + ".class"))) {
      classFile.skipBytes(6);
      return classFile.readUnsignedShort() - 44;
    }
  }

  private Path found(Map<String, String> environment) throws IOException {
    return Launch.findJava(Launch.candidates(environment, root, root.resolve("home")))
        .orElseThrow();
  }

  private Path javaHome(String path, String version) throws IOException {
    Path home = root.resolve(path);
    Path java = home.resolve("bin/java");
    Files.createDirectories(java.getParent());
    Files.createFile(java);
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }
}
