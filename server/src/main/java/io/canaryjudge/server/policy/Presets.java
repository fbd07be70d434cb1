package io.canaryjudge.server.policy;

import io.canaryjudge.analysis.policy.Policy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The policies that are shipped, as files beside the code. */
public final class Presets {

  /** Their names, which are the names of their files too. */
  public static final List<String> NAMES =
      List.of(
          "standard",
          "guardrail",
          "sustained",
          "database-migration",
          "bake-15m",
          "bake-4h",
          "bake-48h");

  private Presets() {}

  /** All of them, in the order of {@link #NAMES}. */
  public static List<Policy> all() {
    return NAMES.stream().map(name -> PolicyReader.read(text(name)).orThrow()).toList();
  }

  /**
   * The file of one, with the remarks that say where its numbers come from.
   *
   * @param name one of {@link #NAMES}
   */
  public static String text(String name) {
    String resource = "/policies/" + name + ".yaml";
    try (InputStream in = Presets.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
