/**
 * {@code Judge.StreamSamples}: producers that know their run and their arms.
 *
 * <p>Enters: batches of samples, of series that the stream declared once. Leaves: samples that were
 * checked one by one, through an {@link io.canaryjudge.server.run.IngestSession}; and acks of what
 * is durable, with a reason for each sample that was not taken.
 */
@NullMarked
package io.canaryjudge.server.ingest.stream;

import org.jspecify.annotations.NullMarked;
