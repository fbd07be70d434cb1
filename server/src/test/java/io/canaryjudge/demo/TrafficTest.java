package io.canaryjudge.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.canaryjudge.proto.v1.Arm;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The service and its users, over real sockets. */
class TrafficTest {

  private final Queue<Observation> seen = new ConcurrentLinkedQueue<>();

  private static CheckoutInstance instance(Arm arm, Behaviour behaviour) throws IOException {
    return new CheckoutInstance(arm, arm + "-1", "1.0", behaviour, 7);
  }

  @Test
  void bothArmsGetTheirShareAndShowTheirBehaviour() throws Exception {
    try (var good = instance(Arm.ARM_BASELINE, new Behaviour(5, 0.3, 0, 0, 1));
        var bad = instance(Arm.ARM_CANARY, new Behaviour(5, 0.3, 0.5, 0, 1));
        var traffic = new Traffic(200, 1)) {
      traffic.route(List.of(good, bad), observation -> {});
      assertThat(traffic.settle(Duration.ofSeconds(30))).isTrue();
      traffic.route(List.of(good, bad), seen::add);
      await().atMost(Duration.ofSeconds(30)).until(() -> seen.size() >= 400);
    }
    Map<Arm, List<Observation>> byArm =
        seen.stream().collect(Collectors.groupingBy(one -> one.target().arm()));
    // 4 standard deviations of a fair draw.
    assertThat(byArm.get(Arm.ARM_CANARY).size() / (double) seen.size()).isBetween(0.4, 0.6);
    assertThat(byArm.get(Arm.ARM_BASELINE)).noneMatch(Observation::failed);
    assertThat(
            byArm.get(Arm.ARM_CANARY).stream().filter(Observation::failed).count()
                / (double) byArm.get(Arm.ARM_CANARY).size())
        .isCloseTo(0.5, within(0.15));
    assertThat(seen).extracting(Observation::status).containsOnly(200, 500);
    assertThat(seen).allMatch(one -> one.seconds() > 0.0005);
  }

  @Test
  void anInstanceThatIsGoneIsAFailureAndNotASilence() throws IOException {
    var gone = instance(Arm.ARM_CANARY, new Behaviour(1, 0, 0, 0, 1));
    gone.close();
    try (var traffic = new Traffic(200, 1)) {
      traffic.route(List.of(gone), seen::add);
      await().until(() -> seen.size() >= 10);
    }
    assertThat(seen).allMatch(one -> one.status() == 0 && one.failed());
  }

  @Test
  void refusesARateThatMakesNoSense() {
    assertThatThrownBy(() -> new Traffic(0, 1)).hasMessageStartingWith("rate: 0.0 (expected: in");
    assertThatThrownBy(() -> new Traffic(Double.NaN, 1)).hasMessageStartingWith("rate: NaN");
  }
}
