package io.canaryjudge.server.api;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.stub.StreamObserver;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * How an RPC is called over HTTP.
 *
 * @param method such as GET
 * @param path such as {@code /api/v1/analysisRuns/{run}}
 * @param field field of the request, by its path in dots, that the path names; empty if none
 * @param fieldValue what that field is set to, with the variables of the path: {@code
 *     analysisRuns/{run}}
 * @param rpc the RPC
 * @param request an empty request
 * @param response an empty response
 * @param call calls it
 * @param yes whether an answer is one to go on with: 200, or else 503 with the same body
 */
record RpcRoute<Q extends Message, R extends Message>(
    String method,
    String path,
    String field,
    String fieldValue,
    MethodDescriptor<Q, R> rpc,
    Q request,
    R response,
    BiConsumer<Q, StreamObserver<R>> call,
    Predicate<R> yes) {

  /** Whether the request is in the body, as JSON; otherwise it is in the query. */
  boolean hasBody() {
    return method.equals("POST") || method.equals("PATCH");
  }

  /** Whether it answers yes or no by its status, for probes that look at nothing else. */
  boolean isGate() {
    return path.endsWith("/ready");
  }

  /** Whether the answer is a stream of events. */
  boolean streams() {
    return rpc.getType() == MethodDescriptor.MethodType.SERVER_STREAMING;
  }
}
