/**
 * The process: command line in, running server out. This package is the composition root; nothing
 * else depends on it.
 */
@NullMarked
package io.canaryjudge.server;

import org.jspecify.annotations.NullMarked;
