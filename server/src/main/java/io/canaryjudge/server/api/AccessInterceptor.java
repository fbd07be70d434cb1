package io.canaryjudge.server.api;

import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.security.Access;
import io.canaryjudge.server.security.Caller;
import io.canaryjudge.server.security.CertificateNames;
import io.canaryjudge.server.security.Credentials;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import java.util.List;
import javax.net.ssl.SSLSession;

/** Admits gRPC calls, or refuses them before anything of them is read. */
final class AccessInterceptor implements ServerInterceptor {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Access access;

  AccessInterceptor(Access access) {
    this.access = access;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Caller caller;
    try {
      caller =
          access.admit(call.getMethodDescriptor().getFullMethodName(), credentials(call, headers));
    } catch (JudgeException e) {
      StatusRuntimeException refusal = GrpcErrors.toStatus(e);
      call.close(refusal.getStatus(), trailers(refusal));
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(CallContext.with(caller), call, headers, next);
  }

  static Metadata trailers(StatusRuntimeException error) {
    Metadata trailers = error.getTrailers();
    return trailers == null ? new Metadata() : trailers;
  }

  private static Credentials credentials(ServerCall<?, ?> call, Metadata headers) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    return new Credentials(
        headers.get(AUTHORIZATION), session == null ? List.of() : CertificateNames.of(session));
  }
}
