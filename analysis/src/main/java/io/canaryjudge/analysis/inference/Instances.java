package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.Policy;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * The instances of a run: their numbers, and whether they are warm.
 *
 * <p>An instance is not judged before it has reached the policy's warm-up, counted from its
 * declared start or, if it declared none, from the first window in which it reported. That drops
 * its requests for a reason that has nothing to do with how they fared, so error bounds are kept.
 * Mutable, with a single owner.
 */
public final class Instances {
  private static final int FORMAT = 1;

  /** Two canary instances within this time are more than one. */
  private static final long RECENTLY_MILLIS = 60_000;

  private final long startMillis;
  private final long windowMillis;
  private final long warmUpMillis;
  private InstanceIndex index = new InstanceIndex();
  private ArmInstances baseline = new ArmInstances(Arm.BASELINE, index);
  private ArmInstances canary = new ArmInstances(Arm.CANARY, index);
  private int recentCanaries;

  Instances(Policy policy, long startMillis) {
    this.startMillis = startMillis;
    this.windowMillis = policy.windowMillis();
    this.warmUpMillis = policy.warmUpMillis();
  }

  /** Learns who reported in a window. */
  void beginWindow(long window, WindowAggregate content) {
    long windowStart = startMillis + window * windowMillis;
    baseline.beginWindow(window, windowStart, warmUpMillis, content);
    canary.beginWindow(window, windowStart, warmUpMillis, content);
    recentCanaries = canary.reportedWithin(Math.max(1, RECENTLY_MILLIS / windowMillis), window);
  }

  /** Those of one arm. */
  ArmInstances of(Arm arm) {
    return switch (arm) {
      case BASELINE -> baseline;
      case CANARY -> canary;
    };
  }

  /**
   * How many canary instances reported within the last minute, this window included. Who reports
   * does not depend on how its requests fare.
   */
  int recentCanaries() {
    return recentCanaries;
  }

  /** How many instances of an arm reported so far. */
  public int count(Arm arm) {
    return index.size(arm);
  }

  /** Name of an instance by its number. */
  public String name(Arm arm, int number) {
    return index.name(arm, number);
  }

  /** Whether an arm had more instances than are told apart. */
  public boolean tooMany() {
    return baseline.overfull() || canary.overfull();
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    index.write(out);
    baseline.write(out);
    canary.write(out);
    out.writeInt(recentCanaries);
  }

  void read(DataInput in) throws IOException {
    StateFormat.check("instances", FORMAT, in);
    index = InstanceIndex.read(in);
    baseline = new ArmInstances(Arm.BASELINE, index);
    canary = new ArmInstances(Arm.CANARY, index);
    baseline.read(in);
    canary.read(in);
    recentCanaries = in.readInt();
  }
}
