package io.canaryjudge.server.store;

/**
 * How far a producer's batches are durable.
 *
 * @param sequence of its last committed batch; 0 before the first
 * @param watermarkMillis its declared watermark, epoch milliseconds; 0 if it declared none
 * @param last whether it has said that it sends no more
 */
public record ProducerProgress(long sequence, long watermarkMillis, boolean last) {}
