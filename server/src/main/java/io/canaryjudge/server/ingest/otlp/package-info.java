/**
 * OpenTelemetry's protocol for metrics.
 *
 * <p>Enters: an {@code ExportMetricsServiceRequest}, in protobuf or as JSON. Leaves: the points of
 * its sums, gauges and histograms as {@link io.canaryjudge.server.ingest.series.SeriesPoint}s, with
 * the attributes of resource, scope and point as labels; and an {@code
 * ExportMetricsServiceResponse} that says which points were refused and why. Which runs want them
 * is not known here. Types of the protocol stop here and in the doors.
 */
@NullMarked
package io.canaryjudge.server.ingest.otlp;

import org.jspecify.annotations.NullMarked;
