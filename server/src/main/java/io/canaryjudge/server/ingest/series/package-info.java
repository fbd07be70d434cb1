/**
 * Streams that were not made for the judge: counters and histograms that services emit anyway, with
 * labels instead of arms and running totals instead of what is new.
 *
 * <p>Enters: points of series, as the doors for OpenTelemetry and Prometheus read them. On the way
 * a point is matched to the arms of open runs, recognised as one of their metrics, and turned from
 * a running total into what was added since the point before. Leaves: samples, through the same
 * {@link io.canaryjudge.server.run.IngestSession} as those of {@code StreamSamples}; and for each
 * request what became of its points, once that is durable.
 */
@NullMarked
package io.canaryjudge.server.ingest.series;

import org.jspecify.annotations.NullMarked;
