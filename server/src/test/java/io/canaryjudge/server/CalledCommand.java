package io.canaryjudge.server;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/**
 * What a command of the command line did, called in this process.
 *
 * @param exitCode what the process would have ended with
 * @param out standard output
 * @param err standard error
 */
public record CalledCommand(int exitCode, String out, String err) {

  /** Calls one. */
  public static CalledCommand call(Map<String, String> environment, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Main.commandLine(environment)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new CalledCommand(exitCode, out.toString(), err.toString());
  }
}
