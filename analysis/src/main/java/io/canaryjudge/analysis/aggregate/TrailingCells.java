package io.canaryjudge.analysis.aggregate;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.StreamCorruptedException;
import org.jspecify.annotations.Nullable;

/** Weights of exponential cells, at one scale: what {@link ExponentialCells} is for counts. */
final class TrailingCells {
  private static final double[] NONE = {};

  private int scale = ExponentialEdges.FINEST_SCALE;
  private int first; // cell of weights[0]
  private double[] weights = NONE;

  /** For each cell, the weight in it and above; null if outdated. */
  private double @Nullable [] suffix;

  boolean isEmpty() {
    return weights.length == 0;
  }

  int scale() {
    return scale;
  }

  /** The lowest cell; meaningful if not empty. */
  int first() {
    return first;
  }

  /** The highest cell; meaningful if not empty. */
  int last() {
    return first + weights.length - 1;
  }

  boolean isEmptyCell(int cell) {
    return weights[cell - first] == 0;
  }

  double total() {
    return inAndAbove(first);
  }

  /** Weight of the given cell and of those above. */
  double inAndAbove(int cell) {
    if (cell > last() || isEmpty()) {
      return 0;
    }
    double[] above = suffix;
    if (above == null) {
      above = new double[weights.length];
      double sum = 0;
      for (int i = weights.length - 1; i >= 0; i--) {
        sum += weights[i];
        above[i] = sum;
      }
      suffix = above;
    }
    return above[Math.max(0, cell - first)];
  }

  /** Weight above {@code y}, spread log-uniformly over the cell that contains it; y > 0. */
  double above(double y) {
    if (isEmpty() || y == Double.POSITIVE_INFINITY) {
      return 0;
    }
    int cell = ExponentialEdges.index(y, scale);
    double upper = ExponentialEdges.lowerEdge(cell + 1, scale);
    double beyond = inAndAbove(cell + 1);
    double within = inAndAbove(cell) - beyond;
    if (within <= 0 || upper <= y) {
      return beyond;
    }
    return beyond + within * Counts.shareAbove(ExponentialEdges.lowerEdge(cell, scale), upper, y);
  }

  void add(ExponentialCells cells, double weight) {
    if (cells.total() == 0) {
      return;
    }
    if (cells.scale() < scale) {
      coarsen(scale - cells.scale());
    }
    int finer = cells.scale() - scale;
    int low = cells.first() >> finer;
    int high = cells.last() >> finer;
    if (!isEmpty()) {
      low = Math.min(low, first);
      high = Math.max(high, last());
    }
    int coarser = 0;
    while ((high >> coarser) - (low >> coarser) >= ExponentialCells.MAX_CELLS) {
      coarser++;
    }
    coarsen(coarser);
    include(low >> coarser, high >> coarser);
    cells.addTo(weights, first, scale, weight);
    suffix = null;
  }

  void multiply(double factor) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= factor;
    }
    suffix = null;
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(scale);
    out.writeInt(first);
    out.writeInt(weights.length);
    for (double weight : weights) {
      out.writeDouble(weight);
    }
  }

  void read(DataInput in) throws IOException {
    scale = in.readByte();
    first = in.readInt();
    int length = in.readInt();
    if (length < 0 || length > ExponentialCells.MAX_CELLS) {
      throw new StreamCorruptedException(
          "cells: " + length + " (expected: in [0, " + ExponentialCells.MAX_CELLS + "])");
    }
    weights = new double[length];
    for (int i = 0; i < length; i++) {
      weights[i] = in.readDouble();
    }
    suffix = null;
  }

  private void include(int low, int high) {
    if (!isEmpty() && low >= first && high <= last()) {
      return;
    }
    double[] wider = new double[high - low + 1];
    System.arraycopy(weights, 0, wider, isEmpty() ? 0 : first - low, weights.length);
    weights = wider;
    first = low;
  }

  private void coarsen(int steps) {
    scale -= steps;
    if (steps == 0 || isEmpty()) {
      return;
    }
    int newFirst = first >> steps;
    double[] merged = new double[(last() >> steps) - newFirst + 1];
    for (int i = 0; i < weights.length; i++) {
      merged[((first + i) >> steps) - newFirst] += weights[i];
    }
    weights = merged;
    first = newFirst;
    suffix = null;
  }
}
