package io.canaryjudge.server.ingest.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.analysis.policy.LabelMatcher;
import io.canaryjudge.server.ingest.series.ArmMatcher.Side;
import io.canaryjudge.server.store.ArmSelection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArmMatcherTest {

  private static ArmMatcher matcher(ArmSelection selection) {
    return new ArmMatcher("checkout", "1.0", "1.1", selection);
  }

  private static LabelMatcher label(String label, String... values) {
    return new LabelMatcher(label, List.of(values));
  }

  @ParameterizedTest
  @CsvSource({
    "service.name, checkout, service.version, 1.0, BASELINE",
    "service.name, checkout, service.version, 1.1, CANARY",
    "service.name, checkout, service.version, 0.9, NEITHER",
    "service.name, cart, service.version, 1.1, NEITHER",
    "job, checkout, version, 1.1, CANARY",
    "job, shop/checkout, version, 1.1, CANARY",
    "app.kubernetes.io/name, checkout, app.kubernetes.io/version, 1.0, BASELINE",
    "destination_workload, checkout, destination_version, 1.1, CANARY"
  })
  void findsServiceAndVersionWhereTheyUsuallyStand(
      String serviceLabel, String service, String versionLabel, String version, Side side) {
    assertThat(
            matcher(ArmSelection.DEFAULT)
                .side(Labels.of(Map.of(serviceLabel, service, versionLabel, version))))
        .isEqualTo(side);
  }

  @Test
  void aLabelMayTellTheArmsApart() {
    ArmMatcher matcher =
        matcher(
            new ArmSelection(
                List.of(label("app", "checkout")),
                "rollouts-pod-template-hash",
                "abc",
                "def",
                List.of(),
                List.of(),
                ""));
    assertThat(
            matcher.side(Labels.of(Map.of("app", "checkout", "rollouts_pod_template_hash", "abc"))))
        .isEqualTo(Side.BASELINE);
    assertThat(
            matcher.side(Labels.of(Map.of("app", "checkout", "rollouts_pod_template_hash", "def"))))
        .isEqualTo(Side.CANARY);
    assertThat(matcher.side(Labels.of(Map.of("app", "cart", "rollouts_pod_template_hash", "def"))))
        .isEqualTo(Side.NEITHER);
    assertThat(matcher.keys()).containsExactly(new ArmMatcher.Key("app", "checkout"));
  }

  @Test
  void twoSelectorsThatMeetAreTold() {
    ArmMatcher matcher =
        matcher(
            new ArmSelection(
                List.of(),
                "",
                "",
                "",
                List.of(label("pod", "checkout-*")),
                List.of(label("pod", "checkout-canary-*")),
                ""));
    assertThat(matcher.side(Labels.of(Map.of("service", "checkout", "pod", "checkout-7"))))
        .isEqualTo(Side.BASELINE);
    assertThat(matcher.side(Labels.of(Map.of("service", "checkout", "pod", "checkout-canary-7"))))
        .isEqualTo(Side.BOTH);
  }

  @Test
  void withoutAnExactLabelEachPointIsCompared() {
    assertThat(
            matcher(
                    new ArmSelection(
                        List.of(label("pod", "checkout-*")), "", "", "", List.of(), List.of(), ""))
                .keys())
        .isEmpty();
  }

  @Test
  void instancesAreNamedByTheProcess() {
    ArmMatcher usual = matcher(ArmSelection.DEFAULT);
    assertThat(usual.instance(Labels.of(Map.of("pod", "p1", "instance", "10.0.0.1:80"))))
        .isEqualTo("p1");
    assertThat(usual.instance(Labels.NONE)).isEqualTo("unnamed");
    ArmMatcher chosen =
        matcher(new ArmSelection(List.of(), "", "", "", List.of(), List.of(), "instance"));
    assertThat(chosen.instance(Labels.of(Map.of("pod", "p1", "instance", "10.0.0.1:80"))))
        .isEqualTo("10.0.0.1:80");
  }
}
