package io.canaryjudge.analysis.inference;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Evidence over the whole run, as a mixture over alternatives. Used for GO, which is a claim about
 * the whole run and is never restarted. Mutable, with a single owner.
 */
public final class EProcess {
  private static final int FORMAT = 1;

  private final double[] sums = new double[Alternatives.SIZE];

  /** No evidence yet: an e-value of 1. */
  public EProcess() {}

  /** The sums of log factors, one for each alternative, to which {@link LogFactors} adds. */
  public double[] sums() {
    return sums;
  }

  /** ln of the e-value, tempered over the whole run. */
  public double logE(Tempering tempering) {
    return Mixture.logE(sums, tempering.phi());
  }

  /** Writes the state, to be read with {@link #read}. */
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    StateFormat.write(sums, out);
  }

  /** Reads what {@link #write} wrote. */
  public static EProcess read(DataInput in) throws IOException {
    StateFormat.check("e-process", FORMAT, in);
    EProcess process = new EProcess();
    StateFormat.read(process.sums, in);
    return process;
  }
}
