/**
 * What the dialects of other tools share; each tool has a package of its own below.
 *
 * <p>Enters: JSON that another program wrote, and what a tool says of a run that it has no id of.
 * Leaves: values with all that is wrong with them, and runs that are found again, begun once
 * however often they are asked for, and ended. What a tool's words mean is known below only.
 */
@NullMarked
package io.canaryjudge.server.dialect;

import org.jspecify.annotations.NullMarked;
