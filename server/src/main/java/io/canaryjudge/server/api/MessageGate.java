package io.canaryjudge.server.api;

import com.google.protobuf.InvalidProtocolBufferException;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Refuses messages that are too large, or are none, with a status of ours. Left to the transport,
 * either would end a unary call without a reason, and a stream without so much as a status.
 *
 * <p>The transport has to take somewhat larger messages than this does; beyond its limit it still
 * has the last word.
 */
final class MessageGate implements ServerInterceptor {

  private final int maxBytes;

  /**
   * Lets messages through up to a size.
   *
   * @param maxBytes size without compression
   */
  MessageGate(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** A service whose interceptors, this one as the last of them, see messages as bytes. */
  static ServerServiceDefinition asBytes(ServerServiceDefinition service) {
    return ServerInterceptors.useInputStreamMessages(service);
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    return new Gated<>(next.startCall(call, headers), call);
  }

  private final class Gated<Q> extends SimpleForwardingServerCallListener<Q> {

    private final ServerCall<Q, ?> call;
    private boolean refused;

    Gated(ServerCall.Listener<Q> delegate, ServerCall<Q, ?> call) {
      super(delegate);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      if (refused) {
        return;
      }
      try {
        super.onMessage(limited(message));
      } catch (JudgeException e) {
        refuse(e);
      } catch (StatusRuntimeException e) {
        // From reading the message; what handles it reports errors by itself.
        refuse(e.getCause() instanceof InvalidProtocolBufferException ? malformed(e) : e);
      }
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        super.onHalfClose();
      }
    }

    private void refuse(RuntimeException reason) {
      refused = true;
      // Whoever handles the call must have let go of it before it is closed.
      super.onCancel();
      StatusRuntimeException status = GrpcErrors.toStatus(reason);
      call.close(status.getStatus(), AccessInterceptor.trailers(status));
    }
  }

  private static JudgeException malformed(StatusRuntimeException error) {
    return JudgeException.invalidField("message", "other bytes", "a message of this method")
        .causedBy(error);
  }

  /** The same message; reading it fails where it is found to be too large on the way only. */
  @SuppressWarnings("unchecked") // messages are streams here, and any stream will do
  private <Q> Q limited(Q message) {
    if (!(message instanceof InputStream bytes)) {
      throw new IllegalStateException("the service was not made by asBytes()");
    }
    try {
      if (!(bytes instanceof KnownLength)) {
        return (Q) new Limited(bytes);
      }
      if (bytes.available() > maxBytes) {
        throw tooLarge();
      }
      return message;
    } catch (IOException e) {
      throw new IllegalStateException("the bytes are in memory", e);
    }
  }

  private JudgeException tooLarge() {
    return JudgeException.of(
            ErrorReason.LIMIT_REACHED,
            "message: too large (expected: at most " + maxBytes + " bytes, grpc.max-message-size)")
        .with("limit", "grpc.max-message-size")
        .with("value", Integer.toString(maxBytes));
  }

  /** A compressed message, whose size shows only as it is read. */
  private final class Limited extends FilterInputStream {

    private long read;

    Limited(InputStream bytes) {
      super(bytes);
    }

    @Override
    public int read() throws IOException {
      int next = super.read();
      count(next < 0 ? 0 : 1);
      return next;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int number = super.read(target, offset, length);
      count(number);
      return number;
    }

    @Override
    public long skip(long number) throws IOException {
      long skipped = super.skip(number);
      count(skipped);
      return skipped;
    }

    @Override
    public boolean markSupported() {
      return false;
    }

    private void count(long number) {
      read += Math.max(0, number);
      if (read > maxBytes) {
        throw tooLarge();
      }
    }
  }
}
