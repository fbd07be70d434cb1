/**
 * The HTTP dialect of Prometheus, for tools that know how to ask one: Argo Rollouts, Flagger,
 * Grafana.
 *
 * <p>Enters: queries, in the small part of PromQL that picks series. Leaves: the same gauges of
 * runs that {@code /metrics} has, as of now or of the verdicts on record. Read-only.
 */
@NullMarked
package io.canaryjudge.server.dialect.promql;

import org.jspecify.annotations.NullMarked;
