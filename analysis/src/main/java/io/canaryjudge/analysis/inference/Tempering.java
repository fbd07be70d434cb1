package io.canaryjudge.analysis.inference;

/** The variance inflation by which evidence is divided when it is read; see {@link Dispersion}. */
public interface Tempering {
  /** No inflation: right for independent requests. */
  Tempering NONE =
      new Tempering() {
        @Override
        public double phi() {
          return 1;
        }

        @Override
        public double phi(int snapshot) {
          return 1;
        }
      };

  /** Inflation over the whole run, at least 1. */
  double phi();

  /**
   * Inflation since a snapshot, at least 1.
   *
   * @param snapshot which of the retained ones, in [0, {@link Epochs#size()})
   */
  double phi(int snapshot);

  /** A lower bound of {@link #phi(int)} that is quick to compute, at least 1. */
  default double phiAtLeast(int snapshot) {
    return 1;
  }
}
