package io.canaryjudge.server.ingest.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The configuration that the documentation tells to paste, with the addresses of a test. */
final class DocumentedConfig {

  private static final Path DOCUMENT = Path.of("../docs/prometheus-remote-write.md");

  private DocumentedConfig() {}

  /**
   * Scrapes each second instead of each fifth.
   *
   * @param before host and port of each instance of the old version
   * @param after of the new version
   */
  static String of(String url, List<String> before, List<String> after) throws IOException {
    String text = Files.readString(DOCUMENT);
    int from = text.indexOf("```yaml\nglobal:") + "```yaml\n".length();
    String config = text.substring(from, text.indexOf("```", from));
    assertThat(config)
        .contains("http://canary-judge:8080/api/v1/write")
        .contains("[\"checkout-old:8080\"]", "[\"checkout-new:8080\"]")
        .contains("scrape_interval: 5s", "metadata_config: {send: false}");
    return config
        .replace("http://canary-judge:8080/api/v1/write", url)
        .replace("[\"checkout-old:8080\"]", list(before))
        .replace("[\"checkout-new:8080\"]", list(after))
        .replace("scrape_interval: 5s", "scrape_interval: 1s");
  }

  private static String list(List<String> addresses) {
    return addresses.stream()
        .map(address -> '"' + address + '"')
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
