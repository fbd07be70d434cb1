/**
 * Benchmarks of the whole system: a server in a process of its own under a load from this one.
 *
 * <p>In come the sub-commands of {@code ./canary-judge bench}; out go figures on the terminal.
 * docs/benchmarks.md tells how to read them.
 */
@NullMarked
package io.canaryjudge.bench;

import org.jspecify.annotations.NullMarked;
