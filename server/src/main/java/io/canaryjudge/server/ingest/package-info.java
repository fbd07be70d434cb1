/**
 * The doors through which samples come in, a package for each protocol.
 *
 * <p>Enters: messages of a protocol. Leaves: samples that were checked one by one, and for each
 * that was not taken its reason. Types of the protocol stop here.
 */
@NullMarked
package io.canaryjudge.server.ingest;

import org.jspecify.annotations.NullMarked;
