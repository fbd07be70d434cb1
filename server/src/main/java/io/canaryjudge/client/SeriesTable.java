package io.canaryjudge.client;

import io.canaryjudge.proto.v1.SeriesDeclaration;
import java.util.ArrayList;
import java.util.List;

/**
 * The series of one producer under their numbers 1, 2, 3, …. The numbers outlive a connection: each
 * new stream declares the same table again. Thread-safe; only grows, up to a bound.
 */
final class SeriesTable {

  private final int maxSeries;
  private final List<SeriesDeclaration> declarations = new ArrayList<>();

  SeriesTable(int maxSeries) {
    this.maxSeries = maxSeries;
  }

  /**
   * Adds a series.
   *
   * @return its number
   * @throws IllegalStateException if the table is full
   */
  synchronized int add(SeriesSpec spec) {
    if (declarations.size() >= maxSeries) {
      throw new IllegalStateException(
          "series: %s would be one more than maxSeries = %d".formatted(spec, maxSeries));
    }
    SeriesDeclaration declaration = spec.declare(declarations.size() + 1);
    declarations.add(declaration);
    return declaration.getSeriesId();
  }

  /** The declarations after the first {@code known}. */
  synchronized List<SeriesDeclaration> after(int known) {
    return List.copyOf(declarations.subList(known, declarations.size()));
  }
}
