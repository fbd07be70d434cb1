package io.canaryjudge.server.dialect.flagger;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What docs/examples has for Flagger is what is served, and what Flagger requires. */
class FlaggerExamplesTest {

  private static final Path EXAMPLES = Path.of("../docs/examples/flagger");

  private static Map<String, Object> read(String file) throws Exception {
    return new Yaml().load(Files.readString(EXAMPLES.resolve(file)));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Map<String, Object> of, String key) {
    return (Map<String, Object>) of.get(key);
  }

  @Test
  @SuppressWarnings("unchecked")
  void everyWebhookHasThePathOfItsType() throws Exception {
    Map<String, Object> analysis = object(object(read("canary.yaml"), "spec"), "analysis");
    assertThat(analysis).containsKeys("interval", "threshold", "maxWeight", "stepWeight");
    List<String> types = new ArrayList<>();
    for (Map<String, Object> webhook : (List<Map<String, Object>>) analysis.get("webhooks")) {
      assertThat(webhook).containsKeys("name", "type", "url", "timeout");
      String type = (String) webhook.get("type");
      assertThat(URI.create((String) webhook.get("url")).getPath()).isEqualTo("/flagger/" + type);
      assertThat(object(webhook, "metadata")).isEqualTo(Map.of("policy", "standard"));
      types.add(type);
    }
    assertThat(types)
        .doesNotHaveDuplicates()
        .contains("rollback", "confirm-promotion", "event")
        .isSubsetOf(Arrays.stream(Hook.values()).map(Hook::path).toList());
  }

  @Test
  void theTemplateAsksWhatIsUnderstood() throws Exception {
    Map<String, Object> spec = object(read("metric-template.yaml"), "spec");
    assertThat(object(spec, "provider")).containsEntry("type", "prometheus");
    assertThat((String) object(spec, "provider").get("address")).endsWith("/prometheus");
    assertThat((String) spec.get("query")).startsWith("canary_judge_run_score{service=");
  }

  @Test
  void thePageListsEveryPath() throws Exception {
    String page = Files.readString(Path.of("../docs/flagger.md"));
    for (Hook hook : Hook.values()) {
      assertThat(page).contains("| `" + hook.path() + "` | `/flagger/" + hook.path() + "` |");
    }
  }
}
