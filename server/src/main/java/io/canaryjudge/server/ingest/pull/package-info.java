/**
 * Reads the series of open runs from a Prometheus-compatible server.
 *
 * <p>Enters: answers to queries for raw samples, as JSON. Leaves: the points that {@link
 * io.canaryjudge.server.ingest.series.SeriesIntake} takes. Nothing is computed by the server that
 * is asked: no rate, no average; counts stay counts.
 */
@NullMarked
package io.canaryjudge.server.ingest.pull;

import org.jspecify.annotations.NullMarked;
