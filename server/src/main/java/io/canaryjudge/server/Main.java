package io.canaryjudge.server;

import io.canaryjudge.cli.Commands;
import io.canaryjudge.cli.ExitCodes;
import io.canaryjudge.demo.DemoCommand;
import io.canaryjudge.server.log.Logging;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line of Canary Judge. Each subcommand is a class of its own, listed here. */
@Command(
    name = "canary-judge",
    description = "Judges canary releases from live metrics.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.class,
    subcommands = {DemoCommand.class, ServerCommand.class, LintCommand.class, TokenCommand.class})
public final class Main implements Callable<Integer>, IVersionProvider {

  @Spec private CommandSpec spec;

  private Main() {
    spec = CommandSpec.create();
  }

  /**
   * Runs one subcommand and ends the process with its exit code.
   *
   * @param args the subcommand and its options
   */
  public static void main(String[] args) {
    Logging.install();
    CommandLine line = commandLine(Commands::addTo);
    // In UTF-8 whatever the locale is: jobs often have none, and JSON is never anything else.
    line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    System.exit(line.execute(args));
  }

  static CommandLine commandLine() {
    return commandLine(Commands::addTo);
  }

  /** The command line for other surroundings than those of the process. */
  static CommandLine commandLine(Map<String, String> environment) {
    return commandLine(line -> Commands.addTo(line, environment));
  }

  private static CommandLine commandLine(Consumer<CommandLine> commands) {
    CommandLine line = new CommandLine(new Main());
    commands.accept(line);
    Objects.requireNonNull(line.getSubcommands().get("policy"))
        .addSubcommand("lint", new LintCommand())
        .addSubcommand("import-kayenta", new ImportKayentaCommand());
    addHelp(line);
    Commands.unifyExitCodes(line);
    return line;
  }

  private static void addHelp(CommandLine line) {
    if (!line.getCommandSpec().mixinStandardHelpOptions()) {
      line.getCommandSpec().mixinStandardHelpOptions(true);
    }
    line.getSubcommands().values().forEach(Main::addHelp);
  }

  /** No command is a mistake: a pipeline whose variable is empty must not take it for a GO. */
  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCodes.USAGE;
  }

  @Override
  public String[] getVersion() {
    String version = Main.class.getPackage().getImplementationVersion();
    return new String[] {
      "canary-judge " + Objects.requireNonNullElse(version, "(not packaged)"),
      "Java " + Runtime.version()
    };
  }
}
