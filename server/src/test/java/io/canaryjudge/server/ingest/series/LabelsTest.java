package io.canaryjudge.server.ingest.series;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LabelsTest {

  @Test
  void keysHaveOneSpellingAndTheLastValueCounts() {
    Labels labels =
        new Labels.Builder()
            .add("service.version", "1")
            .add("pod", "a")
            .add("service_version", "2")
            .build();

    assertThat(labels).isEqualTo(Labels.of(Map.of("pod", "a", "service_version", "2")));
    assertThat(labels).hasSameHashCodeAs(Labels.of(Map.of("pod", "a", "service.version", "2")));
    assertThat(labels).hasToString("{pod=\"a\", service_version=\"2\"}");
    assertThat(labels.without("pod")).isEqualTo(Labels.of(Map.of("service_version", "2")));
  }

  @Test
  void anEmptyValueIsNone() {
    assertThat(new Labels.Builder().add("a", "1").add("a", "").add("b", "").build())
        .isEqualTo(Labels.NONE)
        .hasSameHashCodeAs(Labels.NONE);
  }

  /** Whatever is added in whatever order: the same as from a sorted map. */
  @Test
  void builderAgreesWithASortedMap() {
    Random random = new Random(3);
    for (int i = 0; i < 2_000; i++) {
      Labels.Builder builder = new Labels.Builder();
      TreeMap<String, String> expected = new TreeMap<>();
      for (int edits = random.nextInt(60); edits > 0; edits--) {
        String key = "k" + random.nextInt(40);
        String value = random.nextInt(5) == 0 ? "" : "v" + random.nextInt(3);
        if (random.nextInt(10) == 0) {
          builder.addAll(Labels.of(Map.of(key, "w", "z", "1")));
          expected.put(key, "w");
          expected.put("z", "1");
        } else if (value.isEmpty()) {
          builder.add(key, value);
          expected.remove(key);
        } else {
          builder.add(key, value);
          expected.put(key, value);
        }
      }

      Labels labels = builder.build();

      assertThat(labels.size()).isEqualTo(expected.size());
      int place = 0;
      for (Map.Entry<String, String> label : expected.entrySet()) {
        assertThat(labels.key(place)).isEqualTo(label.getKey());
        assertThat(labels.value(place)).isEqualTo(label.getValue());
        place++;
      }
      // What was built stays as it is.
      builder.add("k0", "later");
      assertThat(labels).isEqualTo(Labels.of(expected));
    }
  }
}
