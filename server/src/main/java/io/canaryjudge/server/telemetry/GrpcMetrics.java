package io.canaryjudge.server.telemetry;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Counts calls by their end, and times unary ones. Used by any thread. */
public final class GrpcMetrics implements ServerInterceptor {

  private static final double NANOS_PER_SECOND = 1e9;

  private final Counter calls;
  private final Histogram duration;

  /** Registers its metrics. */
  public GrpcMetrics(PrometheusRegistry registry) {
    calls =
        Counter.builder()
            .name("canary_judge_grpc_calls_total")
            .help("Calls that have ended, by method and status code.")
            .labelNames("method", "code")
            .register(registry);
    duration =
        Histogram.builder()
            .name("canary_judge_grpc_call_duration_seconds")
            .help("Duration of unary calls, waiting for a verdict included.")
            .labelNames("method")
            .classicUpperBounds(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30)
            .register(registry);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    long start = System.nanoTime();
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            MethodDescriptor<Q, A> method = getMethodDescriptor();
            calls.labelValues(method.getFullMethodName(), status.getCode().name()).inc();
            if (method.getType() == MethodDescriptor.MethodType.UNARY) {
              duration
                  .labelValues(method.getFullMethodName())
                  .observe((System.nanoTime() - start) / NANOS_PER_SECOND);
            }
            super.close(status, trailers);
          }
        },
        headers);
  }
}
