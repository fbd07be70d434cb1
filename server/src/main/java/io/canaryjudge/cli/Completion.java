package io.canaryjudge.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what a shell needs to complete commands, options and their values. */
@Command(
    name = "completion",
    description = {
      "Prints a script that completes commands and options:",
      "  source <(canary-judge completion bash)"
    })
final class Completion implements Callable<Integer> {

  /** The shells that are known. */
  enum ForShell {
    bash,
    zsh
  }

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}.")
  private ForShell forShell = ForShell.bash;

  @Override
  public Integer call() {
    CommandLine own = Objects.requireNonNull(spec).commandLine();
    CommandLine root = own;
    while (root.getParent() != null) {
      root = root.getParent();
    }
    String script = AutoComplete.bash("canary-judge", root);
    own.getOut()
        .print(
            switch (forShell) {
              case bash -> script;
              // zsh runs completions of bash, once it is told to.
              case zsh ->
                  "autoload -U +X compinit && compinit\n"
                      + "autoload -U +X bashcompinit && bashcompinit\n"
                      + script;
            });
    own.getOut().flush();
    return ExitCodes.GO;
  }
}
