package io.canaryjudge.server.ingest.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.server.ingest.series.SeriesWishes;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SelectorsTest {

  static SeriesWishes wishes(String service, LabelMatcher... scope) {
    return new SeriesWishes(
        "run-1",
        false,
        1_000_000,
        new TreeSet<>(List.of("http_requests_total", "up")),
        List.of(scope),
        service);
  }

  private static String scoped(String label, String... values) {
    return Selectors.scoped(wishes("checkout", new LabelMatcher(label, List.of(values))));
  }

  @Test
  void namesAndScopeAreOneSelector() {
    assertThat(scoped("k8s.namespace.name", "shop"))
        .isEqualTo(
            "{__name__=~\"http_requests_total|up\",quantile=\"\",k8s_namespace_name=~\"shop\"}");
  }

  @Test
  void valuesAreTextAndNotExpressions() {
    assertThat(scoped("app", "a.b|c", "x\"} or up{\\", "line\nbreak"))
        .endsWith(",app=~\"a\\\\.b\\\\|c|x\\\"\\\\} or up\\\\{\\\\\\\\|line\\nbreak\"}");
  }

  @Test
  void valuesMayBeBeginningsAbsentOrAnything() {
    assertThat(scoped("app", "check*", "*", "")).endsWith(",app=~\"check.*|.+|\"}");
    assertThat(scoped("app")).endsWith(",app!=\"\"}");
  }

  @Test
  void eachSeriesIsInOneSelectorOfAService() {
    assertThat(Selectors.byService(wishes("check.out"), List.of("app", "job")))
        .containsExactly(
            "{__name__=~\"http_requests_total|up\",quantile=\"\",app=\"check.out\"}",
            "{__name__=~\"http_requests_total|up\",quantile=\"\",app!=\"check.out\","
                + "job=~\"(.*/)?check\\\\.out\"}");
  }

  @Test
  void servicesAreLookedForUnderAllUsualLabels() {
    String query = Selectors.discovery(wishes("checkout"));

    assertThat(query.split(" or ")).hasSize(SeriesWishes.SERVICE_LABELS.size());
    assertThat(query).startsWith("count by (service_name) ({__name__=~");
  }
}
