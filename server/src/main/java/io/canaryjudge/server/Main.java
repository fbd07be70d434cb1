package io.canaryjudge.server;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of Canary Judge. Each subcommand is a class of its own, listed here. */
@Command(
    name = "canary-judge",
    description = "Judges canary releases from live metrics.",
    mixinStandardHelpOptions = true)
public final class Main implements Runnable {

  private final CommandLine commandLine = new CommandLine(this);

  private Main() {}

  /**
   * Runs one subcommand and ends the process with its exit code.
   *
   * @param args the subcommand and its options
   */
  public static void main(String[] args) {
    System.exit(execute(args));
  }

  static int execute(String... args) {
    return new Main().commandLine.execute(args);
  }

  @Override
  public void run() {
    commandLine.usage(commandLine.getOut());
  }
}
