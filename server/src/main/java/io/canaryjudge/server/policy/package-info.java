/**
 * Policies as versioned data.
 *
 * <p>Enters: policy files (YAML or JSON), and the same keys as a tree made from a message. Leaves:
 * valid policies as stored, immutable revisions; the policy that holds for one run; or every
 * violation at once, with the path of the field, what came and what was expected.
 */
@NullMarked
package io.canaryjudge.server.policy;

import org.jspecify.annotations.NullMarked;
