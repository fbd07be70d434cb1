package io.canaryjudge.server.ingest.remotewrite;

/**
 * What became of a write request; all of it is durable. What nobody wants counts as taken: sending
 * it again would change nothing.
 *
 * @param message what the request was
 * @param samples how many samples were taken
 * @param histograms how many native histograms were taken
 * @param exemplars how many exemplars came; they are not needed
 * @param refused what was refused and why, for people; empty if nothing was
 */
public record WriteAnswer(
    WriteMessage message, long samples, long histograms, long exemplars, String refused) {}
