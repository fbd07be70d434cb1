package io.canaryjudge.server.ingest.stream;

import io.canaryjudge.proto.v1.StreamSamplesRequest;
import io.canaryjudge.proto.v1.StreamSamplesResponse;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.run.SampleAccounting;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/**
 * The RPC {@code Judge.StreamSamples}. Never blocks, so it belongs on the transport's own threads:
 * a hand over to another thread would cost several times as much as the work on a message.
 */
public final class SampleStreamHandler {

  private final Runs runs;
  private final SampleAccounting accounting;
  private final Function<JudgeException, Throwable> errors;

  /**
   * Makes a handler.
   *
   * @param accounting told of samples that come before their stream is open; of all others a run
   *     tells
   * @param errors turns an error into a status, the same for all RPCs
   */
  public SampleStreamHandler(
      Runs runs, SampleAccounting accounting, Function<JudgeException, Throwable> errors) {
    this.runs = runs;
    this.accounting = accounting;
    this.errors = errors;
  }

  /**
   * Begins a stream; called as the method of the generated service base.
   *
   * @param responses the observer that gRPC passes in, a {@link ServerCallStreamObserver}
   */
  public StreamObserver<StreamSamplesRequest> stream(
      StreamObserver<StreamSamplesResponse> responses) {
    SampleStream stream =
        new SampleStream(
            runs, (ServerCallStreamObserver<StreamSamplesResponse>) responses, accounting, errors);
    stream.begin();
    return stream;
  }
}
