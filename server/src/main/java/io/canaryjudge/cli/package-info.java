/**
 * The command line for pipelines: what a deploy job or a person asks of a judge that runs
 * elsewhere.
 *
 * <p>In: arguments, environment variables, policy files. Out: calls of the public API by way of
 * {@link io.canaryjudge.client}; the answer on standard output, as text or JSON; progress and
 * warnings on standard error; and an exit code that says what to do ({@link
 * io.canaryjudge.cli.ExitCodes}). Whatever a judge or a caller of it wrote (names, reasons) is data
 * here: it is cleaned or escaped before it meets a terminal, a build log or Markdown.
 */
@NullMarked
package io.canaryjudge.cli;

import org.jspecify.annotations.NullMarked;
