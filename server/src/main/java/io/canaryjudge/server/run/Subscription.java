package io.canaryjudge.server.run;

/** The other end of {@link Runs#watch}. */
public interface Subscription extends AutoCloseable {

  /** Ends it; the listener hears nothing that is published afterwards. */
  @Override
  void close();
}
