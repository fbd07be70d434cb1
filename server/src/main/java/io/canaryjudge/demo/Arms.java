package io.canaryjudge.demo;

import io.canaryjudge.proto.v1.Arm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** The instances of both versions, as many of each. */
final class Arms implements AutoCloseable {

  static final int INSTANCES_PER_ARM = 6;

  private final List<CheckoutInstance> instances = new ArrayList<>();

  Arms(
      Behaviour baseline,
      String baselineVersion,
      Behaviour canary,
      String canaryVersion,
      RandomGenerator seeds)
      throws IOException {
    try {
      for (int i = 1; i <= INSTANCES_PER_ARM; i++) {
        instances.add(start(Arm.ARM_BASELINE, baselineVersion, i, baseline, seeds.nextLong()));
        instances.add(start(Arm.ARM_CANARY, canaryVersion, i, canary, seeds.nextLong()));
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private static CheckoutInstance start(
      Arm arm, String version, int number, Behaviour behaviour, long seed) throws IOException {
    String name = "checkout-%s-%s%d".formatted(version, arm == Arm.ARM_CANARY ? "c" : "b", number);
    return new CheckoutInstance(arm, name, version, behaviour, seed);
  }

  List<CheckoutInstance> instances() {
    return List.copyOf(instances);
  }

  @Override
  public void close() {
    instances.forEach(CheckoutInstance::close);
  }
}
