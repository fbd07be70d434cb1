/**
 * The webhooks of Flagger.
 *
 * <p>Enters: what Flagger posts before and while it moves traffic. Leaves: runs, begun and told
 * about steps, and 200 or 403 with the verdict in words, which is what Flagger acts on.
 */
@NullMarked
package io.canaryjudge.server.dialect.flagger;

import org.jspecify.annotations.NullMarked;
