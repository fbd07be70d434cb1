package io.canaryjudge.server.ingest.series;

import org.jspecify.annotations.Nullable;

/**
 * From which kind of series the requests of an instance are counted, where several could: once one
 * has come, for the rest of the run.
 */
final class SourceChoice {

  private final String noteKey;
  private @Nullable String source;

  /**
   * A choice.
   *
   * @param source what was chosen before a restart; null if nothing was
   */
  SourceChoice(String noteKey, @Nullable String source) {
    this.noteKey = noteKey;
    this.source = source;
  }

  String noteKey() {
    return noteKey;
  }

  /** The kind of series; null if none has come. */
  @Nullable String source() {
    return source;
  }

  void choose(String chosen) {
    source = chosen;
  }
}
