package io.canaryjudge.analysis.inference;

import io.canaryjudge.analysis.aggregate.Arm;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** All state of a comparison of two arms' rates, folded as a run folds it. */
final class Play {
  final Epochs epochs;
  final InstanceIndex index;
  final Dispersion dispersion;
  final EvidenceWindows harm;
  final EProcess safe;
  final RatioInterval ratio;
  final ExpectedTime time;

  private Play(
      Epochs epochs,
      InstanceIndex index,
      Dispersion dispersion,
      EvidenceWindows harm,
      EProcess safe,
      RatioInterval ratio,
      ExpectedTime time) {
    this.epochs = epochs;
    this.index = index;
    this.dispersion = dispersion;
    this.harm = harm;
    this.safe = safe;
    this.ratio = ratio;
    this.time = time;
  }

  Play(Epochs epochs, double instanceCv) {
    this(
        epochs,
        new InstanceIndex(),
        new Dispersion(epochs, instanceCv),
        new EvidenceWindows(epochs),
        new EProcess(),
        new RatioInterval(),
        new ExpectedTime());
  }

  void begin() {
    if (epochs.beginWindow()) {
      dispersion.snapshot();
      harm.snapshot();
    }
  }

  void instance(Arm arm, String name, double total, double events) {
    dispersion.add(arm, index.of(arm, name), total, events);
  }

  void end(double nC, double kC, double nB, double kB, double rho, double cap) {
    dispersion.endWindow();
    LogFactors.ratio(Alternatives.UP, nC, kC, nB, kB, rho, cap, harm.sums());
    LogFactors.ratio(Alternatives.DN, nC, kC, nB, kB, rho, Double.POSITIVE_INFINITY, safe.sums());
    ratio.add(nC, kC, nB, kB);
    time.add(safe.logE(dispersion));
  }

  byte[] write() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    epochs.write(out);
    index.write(out);
    dispersion.write(out);
    harm.write(out);
    safe.write(out);
    ratio.write(out);
    time.write(out);
    return bytes.toByteArray();
  }

  static Play read(byte[] bytes) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    Epochs epochs = Epochs.read(in);
    return new Play(
        epochs,
        InstanceIndex.read(in),
        Dispersion.read(epochs, in),
        EvidenceWindows.read(epochs, in),
        EProcess.read(in),
        RatioInterval.read(in),
        ExpectedTime.read(in));
  }
}
