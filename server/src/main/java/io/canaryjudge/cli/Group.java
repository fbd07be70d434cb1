package io.canaryjudge.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A word that only begins a command. By itself it is a mistake, and must not look like a GO. */
@Command
abstract class Group implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Override
  public final Integer call() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    line.usage(line.getErr());
    return ExitCodes.USAGE;
  }

  @Command(name = "run", description = "Opens, feeds and steers one run.")
  static final class Run extends Group {}

  @Command(name = "runs", description = "Looks through runs.")
  static final class Runs extends Group {}

  @Command(name = "policy", description = "Keeps policies as files.")
  static final class Policies extends Group {}
}
