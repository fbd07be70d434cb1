package io.canaryjudge.server;

import io.canaryjudge.server.security.Permission;
import io.canaryjudge.server.security.Token;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a bearer token, and what the access file keeps of it. */
@Command(
    name = "token",
    description = {
      "Makes a bearer token for a caller.",
      "The token goes to standard error, once; the entry for the access file to standard output:",
      "  canary-judge token checkout-pods --permission send_samples >> access.yaml"
    },
    mixinStandardHelpOptions = true)
final class TokenCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Who gets it; shown as creator and in the audit.")
  private @Nullable String name;

  @Option(
      names = "--permission",
      required = true,
      split = ",",
      paramLabel = "PERMISSION",
      description = "One or more of ${COMPLETION-CANDIDATES}.")
  private List<Permission> permissions = List.of();

  @Override
  public Integer call() {
    String token = Token.create(new SecureRandom());
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    out.println("  - name: \"" + Objects.requireNonNull(name).replaceAll("[\"\\\\]", "") + "\"");
    out.println("    sha256: \"" + Token.sha256(token) + "\"");
    out.println(
        permissions.stream()
            .map(permission -> permission.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", ", "    permissions: [", "]")));
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    err.println(token);
    err.flush();
    return 0;
  }
}
