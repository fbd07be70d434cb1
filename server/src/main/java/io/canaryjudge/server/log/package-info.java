/**
 * What the process writes about itself.
 *
 * <p>Enters: records of java.util.logging, which every library here ends in. Leaves: one structured
 * line per record on standard error, repeated warnings bounded.
 */
@NullMarked
package io.canaryjudge.server.log;

import org.jspecify.annotations.NullMarked;
