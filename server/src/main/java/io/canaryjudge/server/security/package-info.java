/**
 * Who calls, and whether they may.
 *
 * <p>Enters: the credentials of a call and what it wants to do. Leaves: a {@link
 * io.canaryjudge.server.security.Caller}, or a refusal. Both doors ask {@link
 * io.canaryjudge.server.security.Access}; nothing else decides.
 */
@NullMarked
package io.canaryjudge.server.security;

import org.jspecify.annotations.NullMarked;
