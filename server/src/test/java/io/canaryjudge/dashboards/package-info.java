/** Holds the top-level folder {@code dashboards} against the server and a real Prometheus. */
@NullMarked
package io.canaryjudge.dashboards;

import org.jspecify.annotations.NullMarked;
