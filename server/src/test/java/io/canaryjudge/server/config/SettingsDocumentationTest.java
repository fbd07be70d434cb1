package io.canaryjudge.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/operations.md knows the settings that there are, and no others. */
class SettingsDocumentationTest {

  private static final Path DOC = Path.of("../docs/operations.md");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `[a-zNAME.-]+` \\| .* \\| .* \\|$");
  private static final Pattern KEY =
      Pattern.compile(
          "`((?:grpc|http|tls|database|policies|prometheus|notify|runs|log)\\.[a-z-]+)`");

  @Test
  void theTableHasEverySettingWithItsDefaultAndItsMeaning() throws IOException {
    List<String> rows =
        ROW.matcher(Files.readString(DOC)).results().map(MatchResult::group).toList();

    assertThat(rows)
        .containsExactlyElementsOf(
            ServerConfigLoader.settings().values().stream()
                .map(SettingsDocumentationTest::row)
                .toList());
  }

  private static String row(SettingReader.Setting setting) {
    String shown = setting.defaultValue().isEmpty() ? "none" : "`" + setting.defaultValue() + "`";
    return "| `" + setting.key() + "` | " + shown + " | " + setting.meaning() + " |";
  }

  @Test
  void everySettingThatTheTextNamesExists() throws IOException {
    assertThat(KEY.matcher(Files.readString(DOC)).results().map(key -> key.group(1)))
        .isNotEmpty()
        .isSubsetOf(ServerConfigLoader.settings().keySet());
  }
}
