package io.canaryjudge.analysis.policy;

/**
 * A yes/no signal from outside that GO waits for.
 *
 * @param name name, as reports use it: {@code [a-z][a-z0-9-]{0,62}}
 * @param failureIsNoGo whether a failed report ends the run NO_GO at once; otherwise it only
 *     withholds GO
 */
public record RequiredCheck(String name, boolean failureIsNoGo) {}
