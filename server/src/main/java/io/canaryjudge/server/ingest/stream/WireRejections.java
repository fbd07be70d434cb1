package io.canaryjudge.server.ingest.stream;

import io.canaryjudge.proto.v1.SampleRejection;
import io.canaryjudge.proto.v1.SampleRejection.Reason;
import io.canaryjudge.server.run.Refusal;
import io.canaryjudge.server.run.Rejection;

/** What was refused, on the wire. */
final class WireRejections {

  private WireRejections() {}

  static SampleRejection of(Rejection rejection) {
    return SampleRejection.newBuilder()
        .setSequence(rejection.sequence())
        .setReason(reason(rejection.reason()))
        .setRejectedSampleCount(rejection.samples())
        .setExample(rejection.example())
        .build();
  }

  private static Reason reason(Refusal reason) {
    return switch (reason) {
      case UNKNOWN_SERIES -> Reason.REASON_UNKNOWN_SERIES;
      case UNKNOWN_METRIC -> Reason.REASON_UNKNOWN_METRIC;
      case UNKNOWN_ARM -> Reason.REASON_UNKNOWN_ARM;
      case WRONG_UNIT -> Reason.REASON_WRONG_UNIT;
      case WRONG_KIND -> Reason.REASON_WRONG_KIND;
      case NOT_FINITE -> Reason.REASON_NOT_FINITE;
      case NEGATIVE -> Reason.REASON_NEGATIVE;
      case FAILURES_ABOVE_TOTAL -> Reason.REASON_FAILURES_ABOVE_TOTAL;
      case BAD_HISTOGRAM -> Reason.REASON_BAD_HISTOGRAM;
      case MALFORMED -> Reason.REASON_MALFORMED;
      case LATE -> Reason.REASON_LATE;
      case BEFORE_START -> Reason.REASON_BEFORE_START;
      case IN_FUTURE -> Reason.REASON_IN_FUTURE;
      case LIMIT -> Reason.REASON_LIMIT;
      case BAD_SERIES -> Reason.REASON_BAD_SERIES;
      case RUN_CLOSED, STREAM_ENDED ->
          throw new IllegalArgumentException(
              "reason: " + reason + " (expected: one of an acknowledged batch)");
    };
  }
}
