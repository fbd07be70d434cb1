package io.canaryjudge.server.api;

import com.google.protobuf.Message;
import io.canaryjudge.proto.v1.PolicyServiceGrpc;
import io.canaryjudge.proto.v1.WatchVerdictRequest;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The API as JSON over HTTP: the same services with the same messages, so that a curl or a
 * dashboard needs no gRPC.
 */
public final class JsonView implements RouteGroup {

  private final JudgeGrpcService judge;
  private final List<RpcRoute<?, ?>> rpcs;

  /** A view of two services. */
  public JsonView(JudgeGrpcService judge, PolicyServiceGrpc.AsyncService policies) {
    this.judge = judge;
    this.rpcs = RpcRoutes.of(judge, policies);
  }

  @Override
  public List<HttpRoute> routes() {
    List<HttpRoute> routes = new ArrayList<>();
    for (RpcRoute<?, ?> rpc : rpcs) {
      routes.add(
          new HttpRoute(
              rpc.method(),
              new PathTemplate(rpc.path()),
              rpc.rpc().getFullMethodName(),
              false,
              rpc.streams() ? call -> events(rpc, call) : call -> unary(rpc, call)));
    }
    routes.addAll(new OpenApi(rpcs).routes());
    return routes;
  }

  private static <Q extends Message, R extends Message> void unary(
      RpcRoute<Q, R> route, HttpCall call) throws IOException {
    Q request = RpcRequests.read(route, call);
    CompletableFuture<R> answer = new CompletableFuture<>();
    CallContext.with(call.caller()).run(() -> route.call().accept(request, new Answer<>(answer)));
    // Unwrapped where errors are mapped.
    R message = answer.join();
    call.answerJson(route.yes().test(message), JsonMessages.print(message));
  }

  private void events(RpcRoute<?, ?> route, HttpCall call) throws IOException {
    WatchVerdictRequest request = (WatchVerdictRequest) RpcRequests.read(route, call);
    VerdictEvents events = new VerdictEvents();
    VerdictWatch watch = judge.watch(request, events);
    try {
      events.write(call, watch);
    } finally {
      watch.stop();
    }
  }

  private record Answer<R>(CompletableFuture<R> future) implements StreamObserver<R> {

    @Override
    public void onNext(R value) {
      future.complete(value);
    }

    @Override
    public void onError(Throwable error) {
      future.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {}
  }
}
