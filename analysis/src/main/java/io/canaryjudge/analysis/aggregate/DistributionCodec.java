package io.canaryjudge.analysis.aggregate;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.StreamCorruptedException;

/** The binary form of a {@link DistributionAggregate}; see {@link AggregateCodec}. */
final class DistributionCodec {
  private DistributionCodec() {}

  static void write(DistributionAggregate values, DataOutput out) throws IOException {
    Varints.write(values.zeros(), out);
    Varints.write(values.nearZeros(), out);
    if (values.nearZeros() > 0) {
      out.writeDouble(values.nearZeroThreshold());
    }
    write(values.exponential(), out);
    Varints.write(values.layouts().length, out);
    for (ExplicitCells layout : values.layouts()) {
      write(layout, out);
    }
  }

  /**
   * Reads into an aggregate that holds nothing.
   *
   * @throws IllegalArgumentException if a count or bound is out of range
   */
  static void readInto(DistributionAggregate values, DataInput in) throws IOException {
    long zeros = Varints.read(in);
    long nearZeros = Varints.read(in);
    double threshold = nearZeros == 0 ? 0 : in.readDouble();
    values.addExponential(ExponentialEdges.FINEST_SCALE, 0, zeros, 0, new long[0]);
    values.addExponential(ExponentialEdges.FINEST_SCALE, threshold, nearZeros, 0, new long[0]);
    readExponential(values, in);
    int layouts = Varints.readInt("layouts", DistributionAggregate.MAX_LAYOUTS, in);
    for (int i = 0; i < layouts; i++) {
      readLayout(values, in);
    }
  }

  private static void write(ExponentialCells cells, DataOutput out) throws IOException {
    if (cells.total() == 0) {
      Varints.write(0, out);
      return;
    }
    int used = 0;
    for (int cell = cells.first(); cell <= cells.last(); cell++) {
      used += cells.count(cell) > 0 ? 1 : 0;
    }
    Varints.write(used, out);
    Varints.writeSigned(cells.scale(), out);
    Varints.writeSigned(cells.first(), out);
    Varints.write(cells.last() - cells.first(), out);
    int previous = cells.first() - 1;
    for (int cell = cells.first(); cell <= cells.last(); cell++) {
      if (cells.count(cell) > 0) {
        Varints.write(cell - previous - 1, out);
        Varints.write(cells.count(cell), out);
        previous = cell;
      }
    }
  }

  private static void readExponential(DistributionAggregate values, DataInput in)
      throws IOException {
    int used = Varints.readInt("cells", ExponentialCells.MAX_CELLS, in);
    if (used == 0) {
      return;
    }
    int scale = Math.clamp(Varints.readSigned(in), -1000, 1000);
    int first = Math.clamp(Varints.readSigned(in), -1 << 30, 1 << 30);
    int span = Varints.readInt("span of cells", ExponentialCells.MAX_CELLS - 1, in);
    long[] counts = new long[span + 1];
    readSparse("cells", used, counts, in);
    if (counts[0] == 0 || counts[span] == 0 || scale > ExponentialEdges.FINEST_SCALE) {
      throw new StreamCorruptedException("cells: not in their canonical form");
    }
    values.addExponential(scale, 0, 0, first, counts);
  }

  private static void write(ExplicitCells layout, DataOutput out) throws IOException {
    double[] bounds = layout.bounds();
    Varints.write(bounds.length, out);
    for (double bound : bounds) {
      out.writeDouble(bound);
    }
    int used = 0;
    for (int bucket = 0; bucket <= bounds.length; bucket++) {
      used += layout.count(bucket) > 0 ? 1 : 0;
    }
    Varints.write(used, out);
    int previous = -1;
    for (int bucket = 0; bucket <= bounds.length; bucket++) {
      if (layout.count(bucket) > 0) {
        Varints.write(bucket - previous - 1, out);
        Varints.write(layout.count(bucket), out);
        previous = bucket;
      }
    }
  }

  private static void readLayout(DistributionAggregate values, DataInput in) throws IOException {
    double[] bounds = new double[Varints.readInt("bounds", DistributionAggregate.MAX_BOUNDS, in)];
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = in.readDouble();
    }
    long[] counts = new long[bounds.length + 1];
    readSparse("buckets", Varints.readInt("buckets", counts.length, in), counts, in);
    if (!values.canAddExplicit(bounds)) {
      throw new StreamCorruptedException("layouts: too many");
    }
    values.addExplicit(bounds, counts);
  }

  private static void readSparse(String field, int used, long[] counts, DataInput in)
      throws IOException {
    long place = -1;
    for (int i = 0; i < used; i++) {
      place += 1 + Varints.readInt(field, counts.length, in);
      if (place >= counts.length) {
        throw new StreamCorruptedException(
            field + ": " + (place + 1) + " (expected: at most " + counts.length + ")");
      }
      long count = Varints.read(in);
      if (count <= 0) {
        throw new StreamCorruptedException(field + ": a count of " + count + " (expected: > 0)");
      }
      counts[(int) place] = count;
    }
  }
}
