package io.canaryjudge.server.store;

import io.canaryjudge.analysis.verdict.LogEntry;

/**
 * A log entry at its place.
 *
 * @param revision its position in the log of its run, from 1
 * @param entry what happened
 */
public record StoredEntry(long revision, LogEntry entry) {}
