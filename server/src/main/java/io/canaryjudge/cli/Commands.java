package io.canaryjudge.cli;

import java.util.Map;
import picocli.CommandLine;

/** All commands of this package, for the command line of the process. */
public final class Commands {

  private Commands() {}

  /**
   * Adds the commands for pipelines.
   *
   * @param line the command line of the process
   */
  public static void addTo(CommandLine line) {
    addTo(line, Shell.ofProcess());
  }

  /**
   * Adds them for another environment than that of the process.
   *
   * @param environment the environment variables; there is no terminal
   */
  public static void addTo(CommandLine line, Map<String, String> environment) {
    addTo(line, new Shell(environment, false));
  }

  private static void addTo(CommandLine line, Shell shell) {
    line.addSubcommand(
        new CommandLine(new Group.Run())
            .addSubcommand(new RunCreate(shell))
            .addSubcommand(new RunStep(shell))
            .addSubcommand(new RunCheck(shell))
            .addSubcommand(new RunCancel(shell))
            .addSubcommand(new RunOverride(shell))
            .addSubcommand(new RunShow(shell)));
    line.addSubcommand(new CommandLine(new Group.Runs()).addSubcommand(new RunsList(shell)));
    line.addSubcommand(new VerdictCommand(shell));
    line.addSubcommand(new WaitCommand(shell));
    line.addSubcommand(new Replay(shell));
    line.addSubcommand(
        new CommandLine(new Group.Policies())
            .addSubcommand(new PolicyGet(shell))
            .addSubcommand(new PolicyList(shell))
            .addSubcommand(new PolicyDiff(shell))
            .addSubcommand(new PolicyApply(shell))
            .addSubcommand(new PolicyCheckSources(shell)));
    line.addSubcommand(new Completion());
  }

  /**
   * Gives every command the same exit codes for mistakes: {@link ExitCodes#USAGE} and {@link
   * ExitCodes#SOFTWARE}, which nobody takes for a decision. After all commands were added.
   */
  public static void unifyExitCodes(CommandLine line) {
    line.getCommandSpec()
        .exitCodeOnInvalidInput(ExitCodes.USAGE)
        .exitCodeOnExecutionException(ExitCodes.SOFTWARE);
    line.getSubcommands().values().forEach(Commands::unifyExitCodes);
  }
}
