package io.canaryjudge.server.run;

/** The samples of one batch, in the form of their door. */
@FunctionalInterface
public interface BatchContent {

  /** Hands each sample to {@code sink}, placed or refused, and keeps nothing. */
  void writeTo(SampleSink sink);
}
