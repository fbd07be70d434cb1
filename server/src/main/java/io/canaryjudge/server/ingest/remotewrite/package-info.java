/**
 * The door for Prometheus remote write, versions 1.0 and 2.0.
 *
 * <p>Enters: the compressed body of a write request, and which of the two messages it is. It is
 * unpacked within a limit and read in one pass over its bytes: of each series the name first, and
 * the rest only if somebody wants it. Leaves: points for {@link
 * io.canaryjudge.server.ingest.series.SeriesIntake}, and for the sender how many of its samples,
 * histograms and exemplars were taken, once that is durable.
 *
 * <p>Sources: Prometheus remote write specifications 1.0 and 2.0, and the specification of native
 * histograms, at prometheus.io/docs/specs; format description of Snappy.
 */
@NullMarked
package io.canaryjudge.server.ingest.remotewrite;

import org.jspecify.annotations.NullMarked;
