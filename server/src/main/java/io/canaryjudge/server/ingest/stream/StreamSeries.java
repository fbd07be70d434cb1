package io.canaryjudge.server.ingest.stream;

import io.canaryjudge.proto.v1.SeriesDeclaration;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.RunSeries;

/** A series that was declared on a stream. */
sealed interface StreamSeries {

  /** What was declared. */
  SeriesDeclaration declaration();

  /**
   * A series whose samples are taken.
   *
   * @param declaration what was declared
   * @param series where they go
   */
  record Usable(SeriesDeclaration declaration, RunSeries series) implements StreamSeries {}

  /**
   * A series whose samples are all refused.
   *
   * @param declaration what was declared
   * @param reason why
   * @param problem what came and what was expected: {@code metric: foo (expected: ...)}
   */
  record Refused(SeriesDeclaration declaration, Refusal reason, String problem)
      implements StreamSeries {}
}
