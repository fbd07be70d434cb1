/**
 * What the process is told at start.
 *
 * <p>Enters: a YAML file, environment variables and flags. Leaves: a {@link
 * io.canaryjudge.server.config.ServerConfig} in which every value is checked, or all violations at
 * once.
 */
@NullMarked
package io.canaryjudge.server.config;

import org.jspecify.annotations.NullMarked;
