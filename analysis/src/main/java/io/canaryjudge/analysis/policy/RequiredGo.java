package io.canaryjudge.analysis.policy;

/**
 * That the same artifact already got GO in an earlier environment.
 *
 * @param environment name of it, as runs give it: {@code [a-z][a-z0-9-]{0,62}}
 * @param maxAgeMillis how long ago the run with that GO may have ended; 0 means any time; at most
 *     31 days
 * @param acceptOverride whether a person's GO will do; otherwise it has to be a judged one
 */
public record RequiredGo(String environment, long maxAgeMillis, boolean acceptOverride) {}
