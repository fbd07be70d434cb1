/**
 * The doors: gRPC and HTTP.
 *
 * <p>Enters: requests as messages of {@code canary.judge.v1}, in protobuf or as JSON, from callers
 * that {@link io.canaryjudge.server.security.Access} has admitted. Leaves: what {@link
 * io.canaryjudge.server.run.Runs} and the policies answer, mapped back to messages; or an error,
 * mapped to each protocol in one place.
 */
@NullMarked
package io.canaryjudge.server.api;

import org.jspecify.annotations.NullMarked;
