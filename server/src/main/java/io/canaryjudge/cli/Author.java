package io.canaryjudge.cli;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who does it, and why. */
final class Author {

  /** Who started the job, in the words of GitHub and GitLab. */
  private static final List<String> VARIABLES =
      List.of("CANARY_JUDGE_AUTHOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER");

  @Option(
      names = "--author",
      paramLabel = "NAME",
      description =
          "Who does it. Else CANARY_JUDGE_AUTHOR, GITHUB_ACTOR, GITLAB_USER_LOGIN, or USER.")
  private @Nullable String author;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why.")
  private @Nullable String reason;

  String name(Shell shell) {
    return Optional.ofNullable(author)
        .or(() -> VARIABLES.stream().flatMap(one -> shell.variable(one).stream()).findFirst())
        .orElse("");
  }

  String reason() {
    return reason == null ? "" : reason;
  }
}
