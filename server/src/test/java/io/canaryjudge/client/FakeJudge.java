package io.canaryjudge.client;

import com.google.protobuf.Any;
import com.google.protobuf.Timestamp;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.CancelAnalysisRunRequest;
import io.canaryjudge.proto.v1.CancelAnalysisRunResponse;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.CreateAnalysisRunResponse;
import io.canaryjudge.proto.v1.DistributionSample;
import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.ProportionSample;
import io.canaryjudge.proto.v1.SampleBatch;
import io.canaryjudge.proto.v1.SampleRejection;
import io.canaryjudge.proto.v1.SeriesDeclaration;
import io.canaryjudge.proto.v1.StreamAck;
import io.canaryjudge.proto.v1.StreamOpened;
import io.canaryjudge.proto.v1.StreamSamplesRequest;
import io.canaryjudge.proto.v1.StreamSamplesResponse;
import io.canaryjudge.proto.v1.Verdict;
import io.canaryjudge.proto.v1.WatchVerdictRequest;
import io.canaryjudge.proto.v1.WatchVerdictResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A judge that keeps the promises of the protocol about samples and judges nothing: for tests that
 * need one which fails at a given moment. What it holds survives a broken stream; a batch that it
 * took but did not commit does not.
 */
final class FakeJudge extends JudgeGrpc.JudgeImplBase {

  /** Where a stream breaks, once, at one message. */
  enum Fault {
    NONE,
    /** The message never arrives. */
    CUT_BEFORE,
    /** The batch was taken and is forgotten. */
    CUT_UNCOMMITTED,
    /** The batch is durable; its ack never arrives. */
    CUT_UNACKED,
    /** The answer goes out, then the stream breaks. */
    CUT_AFTER,
    /** The batch is durable; no ack is sent, and the stream stays. */
    ACK_LOST,
    /** Nothing happens any more on this stream. */
    SILENCE
  }

  /** Decides what goes wrong: asked once per client message, with rising numbers from 0. */
  interface Faults {
    Fault at(int message);
  }

  /** What one series of the committed batches adds up to. */
  record Sum(long total, long failures) {
    Sum plus(Sum other) {
      return new Sum(total + other.total, failures + other.failures);
    }
  }

  private final Map<String, Long> committed = new HashMap<>();
  private final Map<String, Sum> sums = new TreeMap<>();
  private final TreeMap<Long, Long> observationsByTime = new TreeMap<>();
  private final List<Long> watermarks = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private Faults faults = message -> Fault.NONE;
  private int messages;
  private int streams;
  private boolean last;
  private StatusRuntimeException refusal;
  private StatusRuntimeException closing;
  private int maxUnacked = 8;
  private int maxSamples = 100;
  private boolean reading = true;
  private ServerCallStreamObserver<StreamSamplesResponse> lastStream;
  private SampleRejection.Reason rejecting;

  private final Map<String, AnalysisRun> runsByRequest = new LinkedHashMap<>();
  private final List<WatchVerdictRequest> watches = new ArrayList<>();
  private final List<List<Object>> watchScripts = new ArrayList<>();

  /** An error as the judge sends them. */
  static StatusRuntimeException error(Status.Code code, String reason) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(Code.forNumber(code.value()).getNumber())
            .setMessage("as told")
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder().setDomain("canaryjudge.io").setReason(reason).build()))
            .build());
  }

  synchronized FakeJudge faults(Faults plan) {
    faults = plan;
    return this;
  }

  /** Refuses each stream at its opening; null opens the door again. */
  synchronized FakeJudge refuse(StatusRuntimeException error) {
    refusal = error;
    return this;
  }

  /** Ends each stream with this error at its next batch. */
  synchronized FakeJudge close(StatusRuntimeException error) {
    closing = error;
    return this;
  }

  synchronized FakeJudge limits(int unackedBatches, int samplesPerBatch) {
    maxUnacked = unackedBatches;
    maxSamples = samplesPerBatch;
    return this;
  }

  /** Stops or goes on reading after the opening. */
  synchronized FakeJudge reading(boolean reads) {
    reading = reads;
    if (reads && lastStream != null) {
      lastStream.request(1);
    }
    return this;
  }

  /** Refuses one sample of each batch. */
  synchronized FakeJudge reject(SampleRejection.Reason reason) {
    rejecting = reason;
    return this;
  }

  /** Pretends that a producer has committed up to a batch. */
  synchronized FakeJudge pretendCommitted(String producer, long sequence) {
    committed.put(producer, sequence);
    return this;
  }

  /** By "arm instance metric". */
  synchronized Map<String, Sum> sums() {
    return Map.copyOf(sums);
  }

  synchronized long observations() {
    return sums.values().stream().mapToLong(Sum::total).sum();
  }

  synchronized Map<Long, Long> observationsByTime() {
    return new TreeMap<>(observationsByTime);
  }

  synchronized List<Long> watermarks() {
    return List.copyOf(watermarks);
  }

  synchronized boolean sawLast() {
    return last;
  }

  synchronized int streams() {
    return streams;
  }

  synchronized int messages() {
    return messages;
  }

  /** Breaches of the protocol by the client; must be empty. */
  synchronized List<String> problems() {
    return List.copyOf(problems);
  }

  @Override
  public StreamObserver<StreamSamplesRequest> streamSamples(
      StreamObserver<StreamSamplesResponse> responses) {
    var call = (ServerCallStreamObserver<StreamSamplesResponse>) responses;
    call.disableAutoRequest();
    call.request(1);
    synchronized (this) {
      streams++;
      lastStream = call;
    }
    return new Stream(call);
  }

  private final class Stream implements StreamObserver<StreamSamplesRequest> {
    private final ServerCallStreamObserver<StreamSamplesResponse> call;
    private final Map<Integer, SeriesDeclaration> series = new HashMap<>();
    private String producer = "";
    private boolean over;

    Stream(ServerCallStreamObserver<StreamSamplesResponse> call) {
      this.call = call;
    }

    @Override
    public void onNext(StreamSamplesRequest request) {
      synchronized (FakeJudge.this) {
        if (over) {
          return;
        }
        Fault fault = faults.at(messages++);
        switch (fault) {
          case CUT_BEFORE -> cut();
          case SILENCE -> over = true;
          case NONE, CUT_UNCOMMITTED, CUT_UNACKED, CUT_AFTER, ACK_LOST -> {
            switch (request.getFrameCase()) {
              case OPEN -> open(request.getOpen().getProducer(), fault);
              case BATCH -> batch(request.getBatch(), fault);
              case FRAME_NOT_SET -> problems.add("an empty frame");
            }
          }
        }
        if (reading) {
          call.request(1);
        }
      }
    }

    private void open(String name, Fault fault) {
      if (refusal != null) {
        end(refusal);
        return;
      }
      if (!producer.isEmpty()) {
        problems.add("opened twice");
      }
      producer = name;
      if (fault == Fault.CUT_UNCOMMITTED || fault == Fault.CUT_UNACKED) {
        cut();
        return;
      }
      call.onNext(
          StreamSamplesResponse.newBuilder()
              .setOpened(
                  StreamOpened.newBuilder()
                      .setCommittedSequence(committed.getOrDefault(name, 0L))
                      .setMaxUnackedBatches(maxUnacked)
                      .setMaxSamplesPerBatch(maxSamples)
                      .setMaxSeries(1000)
                      .setStartTime(Timestamp.newBuilder().setSeconds(1_000))
                      .setWindowMillis(1_000))
              .build());
      if (fault == Fault.CUT_AFTER) {
        cut();
      }
    }

    private void batch(SampleBatch batch, Fault fault) {
      if (closing != null) {
        end(closing);
        return;
      }
      for (SeriesDeclaration declaration : batch.getSeriesList()) {
        if (declaration.getSeriesId() != series.size() + 1) {
          problems.add("series " + declaration.getSeriesId() + " after " + series.size());
        }
        series.put(declaration.getSeriesId(), declaration);
      }
      if (batch.getProportionsCount() + batch.getDistributionsCount() > maxSamples) {
        problems.add("a batch over the limit");
      }
      long before = committed.getOrDefault(producer, 0L);
      if (batch.getSequence() > before + 1) {
        problems.add("a gap: " + batch.getSequence() + " after " + before);
        end(error(Status.Code.OUT_OF_RANGE, "SEQUENCE_GAP"));
        return;
      }
      if (fault == Fault.CUT_UNCOMMITTED) {
        cut();
        return;
      }
      if (batch.getSequence() == before + 1) {
        batch.getProportionsList().forEach(this::commit);
        batch.getDistributionsList().forEach(this::commit);
        committed.put(producer, batch.getSequence());
        last |= batch.getLast();
        if (batch.getWatermarkMillis() != 0) {
          watermarks.add(batch.getWatermarkMillis());
        }
      }
      switch (fault) {
        case CUT_UNACKED -> cut();
        case ACK_LOST -> {}
        case NONE, CUT_BEFORE, CUT_UNCOMMITTED, CUT_AFTER, SILENCE -> {
          var ack = StreamAck.newBuilder().setCommittedSequence(committed.get(producer));
          if (rejecting != null) {
            ack.addRejections(
                SampleRejection.newBuilder()
                    .setSequence(batch.getSequence())
                    .setReason(rejecting)
                    .setRejectedSampleCount(1)
                    .setExample("as told"));
          }
          call.onNext(StreamSamplesResponse.newBuilder().setAck(ack).build());
          if (fault == Fault.CUT_AFTER) {
            cut();
          }
        }
      }
    }

    private void commit(ProportionSample sample) {
      add(
          sample.getSeriesId(),
          sample.getTimeMillis(),
          new Sum(sample.getTotalCount(), sample.getFailureCount()));
    }

    private void commit(DistributionSample sample) {
      long count =
          sample.getValuesCount()
              + sample.getExponential().getZeroCount()
              + sample.getExponential().getBucketCountsList().stream()
                  .mapToLong(Long::longValue)
                  .sum()
              + sample.getExplicit().getBucketCountsList().stream()
                  .mapToLong(Long::longValue)
                  .sum();
      add(sample.getSeriesId(), sample.getTimeMillis(), new Sum(count, 0));
    }

    private void add(int id, long timeMillis, Sum sum) {
      SeriesDeclaration of = series.get(id);
      if (of == null) {
        problems.add("series " + id + " was not declared on this stream");
        return;
      }
      observationsByTime.merge(timeMillis, sum.total(), Long::sum);
      sums.merge(
          of.getArm().name().replace("ARM_", "").toLowerCase(java.util.Locale.ROOT)
              + " "
              + of.getInstance()
              + " "
              + of.getMetric(),
          sum,
          Sum::plus);
    }

    private void cut() {
      end(Status.UNAVAILABLE.withDescription("cut").asRuntimeException());
    }

    private void end(StatusRuntimeException error) {
      over = true;
      call.onError(error);
    }

    @Override
    public void onError(Throwable cancelled) {
      over = true;
    }

    @Override
    public void onCompleted() {
      synchronized (FakeJudge.this) {
        if (!over) {
          over = true;
          call.onCompleted();
        }
      }
    }
  }

  /**
   * What the next watch sends: verdicts, null for a heartbeat, a status to end with, or nothing.
   */
  synchronized FakeJudge watch(Object... script) {
    watchScripts.add(java.util.Arrays.asList(script));
    return this;
  }

  synchronized List<WatchVerdictRequest> watches() {
    return List.copyOf(watches);
  }

  synchronized int createdRuns() {
    return runsByRequest.size();
  }

  @Override
  public void createAnalysisRun(
      CreateAnalysisRunRequest request, StreamObserver<CreateAnalysisRunResponse> response) {
    synchronized (this) {
      AnalysisRun run =
          runsByRequest.computeIfAbsent(
              request.getRequestId(),
              id ->
                  request.getAnalysisRun().toBuilder()
                      .setName("analysisRuns/r" + runsByRequest.size())
                      .build());
      Fault fault = faults.at(messages++);
      if (refusal != null) {
        response.onError(refusal);
      } else if (fault != Fault.NONE) {
        response.onError(Status.UNAVAILABLE.asRuntimeException());
      } else {
        response.onNext(CreateAnalysisRunResponse.newBuilder().setAnalysisRun(run).build());
        response.onCompleted();
      }
    }
  }

  @Override
  public void cancelAnalysisRun(
      CancelAnalysisRunRequest request, StreamObserver<CancelAnalysisRunResponse> response) {
    response.onNext(
        CancelAnalysisRunResponse.newBuilder()
            .setAnalysisRun(
                AnalysisRun.newBuilder()
                    .setName(request.getName())
                    .setState(AnalysisRun.State.STATE_CANCELLED))
            .build());
    response.onCompleted();
  }

  @Override
  public void watchVerdict(
      WatchVerdictRequest request, StreamObserver<WatchVerdictResponse> response) {
    List<Object> script;
    synchronized (this) {
      watches.add(request);
      script = watchScripts.isEmpty() ? List.of() : watchScripts.removeFirst();
    }
    for (Object message : script) {
      switch (message) {
        case null -> response.onNext(WatchVerdictResponse.getDefaultInstance());
        case Verdict verdict ->
            response.onNext(WatchVerdictResponse.newBuilder().setVerdict(verdict).build());
        case Status status when status.isOk() -> response.onCompleted();
        case Status status -> response.onError(status.asRuntimeException());
        case StatusRuntimeException error -> response.onError(error);
        default -> throw new IllegalArgumentException("cannot play " + message);
      }
    }
  }
}
