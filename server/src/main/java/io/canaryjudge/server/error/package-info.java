/**
 * What goes wrong on purpose: one exception with a reason constant.
 *
 * <p>Enters: what a caller did, what came and what was expected. Leaves: a {@link
 * io.canaryjudge.server.error.JudgeException} that each door maps to its own protocol in one place.
 */
@NullMarked
package io.canaryjudge.server.error;

import org.jspecify.annotations.NullMarked;
