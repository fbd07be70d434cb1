/**
 * The demonstration: a small service in two versions under real HTTP load, judged by the real
 * server while one watches.
 *
 * <p>In: options. Out: three verdicts on the terminal, and an exit code that says whether they were
 * the right ones. Requests go over sockets and take time; latencies are measured, never drawn.
 * Samples go through the public API, with the client that users copy, or as any service's own
 * telemetry does.
 */
@NullMarked
package io.canaryjudge.demo;

import org.jspecify.annotations.NullMarked;
