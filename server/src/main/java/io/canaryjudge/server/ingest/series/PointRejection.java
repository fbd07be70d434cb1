package io.canaryjudge.server.ingest.series;

import io.canaryjudge.server.run.Refusal;

/**
 * Points of one request that were refused for one reason.
 *
 * @param reason the reason
 * @param points how many; at least 1
 * @param example the first of them: what came and what was expected
 */
public record PointRejection(Refusal reason, long points, String example) {}
