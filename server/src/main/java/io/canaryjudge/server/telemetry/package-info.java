/**
 * What the process tells Prometheus.
 *
 * <p>Enters: calls of the process's threads, and immutable snapshots of runs. Leaves: metrics in
 * one {@code PrometheusRegistry}. Nothing here has a say in a verdict.
 */
@NullMarked
package io.canaryjudge.server.telemetry;

import org.jspecify.annotations.NullMarked;
