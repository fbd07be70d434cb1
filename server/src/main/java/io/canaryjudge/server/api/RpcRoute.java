package io.canaryjudge.server.api;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.stub.StreamObserver;
import java.util.function.BiConsumer;

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
 */
record RpcRoute<Q extends Message, R extends Message>(
    String method,
    String path,
    String field,
    String fieldValue,
    MethodDescriptor<Q, R> rpc,
    Q request,
    R response,
    BiConsumer<Q, StreamObserver<R>> call) {

  /** Whether the request is in the body, as JSON; otherwise it is in the query. */
  boolean hasBody() {
    return method.equals("POST") || method.equals("PATCH");
  }

  /** Whether the answer is a stream of events. */
  boolean streams() {
    return rpc.getType() == MethodDescriptor.MethodType.SERVER_STREAMING;
  }
}
