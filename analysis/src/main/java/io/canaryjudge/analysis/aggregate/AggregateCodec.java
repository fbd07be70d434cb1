package io.canaryjudge.analysis.aggregate;

import io.canaryjudge.analysis.policy.MetricKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The binary form of a {@link WindowAggregate}: compact, versioned, exact, and canonical, so that
 * equal content gives equal bytes whatever way it was merged. Empty aggregates are left out.
 *
 * <p>Layout; numbers are variable in length, as in {@link Varints}, unless said otherwise:
 *
 * <pre>
 * version (one byte): 1, or 2 if there is any stratum
 * aggregates: count, then for each, ordered:
 *                 metric, arm [, stratum (UTF-8), in version 2], instance (UTF-8), kind, content
 *   proportion:   total, failures
 *   distribution: zeros, near zeros [, their threshold (double)]
 *                 exponential cells in use [, scale, first, span, then (gap, count) for each]
 *                 layouts, each: bounds (doubles), buckets in use, then (gap, count) for each
 * start times: count, then for each, ordered: arm, instance, milliseconds
 * </pre>
 */
public final class AggregateCodec {
  private static final int WITHOUT_STRATA = 1;
  private static final int WITH_STRATA = 2;
  private static final int PROPORTION = 0;
  private static final int DISTRIBUTION = 1;

  private static final int MAX_METRIC = 1 << 16;
  private static final int MAX_ENTRIES = 1 << 24;

  private AggregateCodec() {}

  /** The bytes of a window. */
  public static byte[] encode(WindowAggregate window) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      write(window, new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /** The bytes of an aggregate: equal for equal content, and for no other. */
  public static byte[] encode(Aggregate aggregate) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      write(aggregate, new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /**
   * The window that {@link #encode(WindowAggregate)} turned into these bytes.
   *
   * @throws IOException if they are cut short, followed by others, or not of this form
   */
  public static WindowAggregate decode(byte[] bytes) throws IOException {
    ByteArrayInputStream in = new ByteArrayInputStream(bytes);
    WindowAggregate window = read(new DataInputStream(in));
    if (in.available() > 0) {
      throw new StreamCorruptedException(
          "aggregate: " + in.available() + " bytes after its end (expected: none)");
    }
    return window;
  }

  /** Writes a window, as part of something longer. */
  public static void write(WindowAggregate window, DataOutput out) throws IOException {
    List<WindowAggregate.Entry> entries =
        window.entries().stream().filter(entry -> !entry.aggregate().isEmpty()).toList();
    boolean strata = entries.stream().anyMatch(entry -> !entry.stratum().isEmpty());
    out.writeByte(strata ? WITH_STRATA : WITHOUT_STRATA);
    Varints.write(entries.size(), out);
    for (WindowAggregate.Entry entry : entries) {
      Varints.write(entry.metric(), out);
      out.writeByte(code(entry.arm()));
      if (strata) {
        Varints.writeText(entry.stratum(), out);
      }
      Varints.writeText(entry.instance(), out);
      write(entry.aggregate(), out);
    }
    List<WindowAggregate.Start> starts = window.starts();
    Varints.write(starts.size(), out);
    for (WindowAggregate.Start start : starts) {
      out.writeByte(code(start.arm()));
      Varints.writeText(start.instance(), out);
      Varints.writeSigned(start.epochMillis(), out);
    }
  }

  /**
   * Reads what {@link #write} wrote and nothing beyond.
   *
   * @throws IOException if it is cut short or not of this form
   */
  public static WindowAggregate read(DataInput in) throws IOException {
    int version = in.readUnsignedByte();
    if (version != WITHOUT_STRATA && version != WITH_STRATA) {
      throw new StreamCorruptedException("aggregate version: " + version + " (expected: 1 or 2)");
    }
    WindowAggregate window = new WindowAggregate();
    int aggregates = Varints.readInt("aggregates", MAX_ENTRIES, in);
    for (int i = 0; i < aggregates; i++) {
      readEntry(window, version == WITH_STRATA, in);
    }
    int starts = Varints.readInt("start times", MAX_ENTRIES, in);
    for (int i = 0; i < starts; i++) {
      Arm arm = readArm(in);
      String instance = Varints.readText("instance", in);
      window.started(arm, instance, Varints.readSigned(in));
    }
    return window;
  }

  private static void write(Aggregate aggregate, DataOutput out) throws IOException {
    switch (aggregate) {
      case ProportionAggregate proportion -> {
        out.writeByte(PROPORTION);
        Varints.write(proportion.total(), out);
        Varints.write(proportion.failuresSoFar(), out);
      }
      case DistributionAggregate distribution -> {
        out.writeByte(DISTRIBUTION);
        DistributionCodec.write(distribution, out);
      }
    }
  }

  private static void readEntry(WindowAggregate window, boolean strata, DataInput in)
      throws IOException {
    int metric = Varints.readInt("metric", MAX_METRIC, in);
    Arm arm = readArm(in);
    String stratum = strata ? Varints.readText("stratum", in) : "";
    String instance = Varints.readText("instance", in);
    if (window.find(metric, arm, stratum, instance) != null) {
      throw new StreamCorruptedException(
          "instance: " + instance + " of metric " + metric + " (expected: once in each arm)");
    }
    MetricKind kind = readKind(in);
    try {
      switch (window.at(metric, arm, stratum, instance, kind)) {
        case ProportionAggregate proportion -> {
          proportion.add(Varints.read(in), 0);
          proportion.addFailures(Varints.read(in));
        }
        case DistributionAggregate distribution -> DistributionCodec.readInto(distribution, in);
      }
    } catch (IllegalArgumentException e) {
      throw Varints.corrupted("instance " + instance + " of metric " + metric, e);
    }
  }

  private static MetricKind readKind(DataInput in) throws IOException {
    int kind = in.readUnsignedByte();
    return switch (kind) {
      case PROPORTION -> MetricKind.PROPORTION;
      case DISTRIBUTION -> MetricKind.DISTRIBUTION;
      default -> throw new StreamCorruptedException("kind: " + kind + " (expected: 0 or 1)");
    };
  }

  private static int code(Arm arm) {
    return switch (arm) {
      case BASELINE -> 0;
      case CANARY -> 1;
    };
  }

  private static Arm readArm(DataInput in) throws IOException {
    int arm = in.readUnsignedByte();
    return switch (arm) {
      case 0 -> Arm.BASELINE;
      case 1 -> Arm.CANARY;
      default -> throw new StreamCorruptedException("arm: " + arm + " (expected: 0 or 1)");
    };
  }
}
