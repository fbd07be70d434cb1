package io.canaryjudge.server.api;

import io.canaryjudge.server.security.Caller;
import io.grpc.Context;

/** What is known about the call that is being answered, whichever door it came through. */
public final class CallContext {

  private static final Context.Key<Caller> CALLER =
      Context.keyWithDefault("caller", Caller.anonymous());

  private CallContext() {}

  /** Who makes the present call. */
  public static Caller caller() {
    return CALLER.get();
  }

  static Context with(Caller caller) {
    return Context.current().withValue(CALLER, caller);
  }
}
