package io.canaryjudge.server.store;

import io.canaryjudge.analysis.verdict.Verdict;

/**
 * A verdict on record.
 *
 * @param revision its revision, that of the log entry it follows
 * @param verdict comes back equal, each double to the bit
 */
public record StoredVerdict(long revision, Verdict verdict) {}
