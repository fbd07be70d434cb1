package io.canaryjudge.server;

import io.canaryjudge.demo.DemoCommand;
import io.canaryjudge.server.log.Logging;
import java.util.Objects;
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
    subcommands = {
      DemoCommand.class,
      ServerCommand.class,
      LintCommand.class,
      ImportKayentaCommand.class,
      TokenCommand.class
    })
public final class Main implements Runnable, IVersionProvider {

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
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main());
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
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
