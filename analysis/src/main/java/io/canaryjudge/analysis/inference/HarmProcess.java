package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Evidence of harm as it accumulates. Mutable, with a single owner. */
sealed interface HarmProcess permits HarmEvidence, StrataHarm, SustainedHarm {

  /** The sums of a condition, to which factors are added. */
  double[] sums(int condition);

  /** Takes the snapshot that {@link Epochs#beginWindow} asked for. */
  void snapshot();

  /** ln of the e-value against "within tolerance". */
  double logE(Tempering tempering);

  /** A bound of {@link #logE} under any tempering, quick to compute. */
  double logBound();

  void write(DataOutput out) throws IOException;

  /** Replaces the state by what {@link #write} wrote. */
  void read(Epochs epochs, DataInput in) throws IOException;
}
