package io.canaryjudge.server.ingest.series;

/**
 * One point of one series, whichever way it came.
 *
 * @param name of the series, in {@linkplain LabelNames#normal one spelling}
 * @param unit UCUM unit of values, as the sender declared it; empty if it did not
 * @param labels of the series and of the resource it is of, together
 * @param temporality what its counts cover
 * @param startNanos since when they were counted, epoch nanoseconds; 0 if unknown
 * @param timeNanos when the point was taken, epoch nanoseconds; above 0
 * @param value what it says
 */
public record SeriesPoint(
    String name,
    String unit,
    Labels labels,
    Temporality temporality,
    long startNanos,
    long timeNanos,
    PointValue value) {}
