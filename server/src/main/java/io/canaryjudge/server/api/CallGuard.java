package io.canaryjudge.server.api;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;

/**
 * Refuses calls while the server cannot answer them, and ends a call with a status of ours when
 * code throws that should not: otherwise its client would be told UNKNOWN, and nobody where to
 * look.
 */
final class CallGuard implements ServerInterceptor {

  private final Availability availability;

  CallGuard(Availability availability) {
    this.availability = availability;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    try {
      availability.check();
      return new Guarded<>(next.startCall(call, headers), call);
    } catch (RuntimeException e) {
      end(call, e);
      return new ServerCall.Listener<>() {};
    }
  }

  private static void end(ServerCall<?, ?> call, RuntimeException error) {
    StatusRuntimeException status = GrpcErrors.toStatus(error);
    try {
      call.close(status.getStatus(), AccessInterceptor.trailers(status));
    } catch (IllegalStateException _) {
      // It has ended already; the error is logged.
    }
  }

  private static final class Guarded<Q> extends SimpleForwardingServerCallListener<Q> {

    private final ServerCall<Q, ?> call;

    Guarded(ServerCall.Listener<Q> delegate, ServerCall<Q, ?> call) {
      super(delegate);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      try {
        super.onMessage(message);
      } catch (RuntimeException e) {
        end(call, e);
      }
    }

    @Override
    public void onHalfClose() {
      try {
        super.onHalfClose();
      } catch (RuntimeException e) {
        end(call, e);
      }
    }

    @Override
    public void onReady() {
      try {
        super.onReady();
      } catch (RuntimeException e) {
        end(call, e);
      }
    }

    @Override
    public void onCancel() {
      try {
        super.onCancel();
      } catch (RuntimeException e) {
        Errors.known(e);
      }
    }
  }
}
