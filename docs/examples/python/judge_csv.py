#!/usr/bin/env python3
"""Judges a canary by recorded requests: opens a run, streams both arms into it, reads the verdict.

Needs gRPC and Protobuf for Python, and the messages that protoc makes of Canary Judge's proto files:

    apt-get install python3-grpcio python3-protobuf protobuf-compiler
    mkdir messages
    protoc -I proto/src/main/proto --python_out=messages proto/src/main/proto/canary/judge/v1/*.proto
    PYTHONPATH=messages python3 docs/examples/python/judge_csv.py \\
        --service checkout --baseline 1.4.1 --canary 1.4.2 requests.csv

The file has a header, and a row for each instance and interval, in order of time:

    time,arm,instance,requests,errors,latencies
    1700000000,baseline,pod-1,3,0,0.031;0.044;0.027

`time` is in epoch seconds, `arm` is baseline or canary, latencies are in seconds. The policy has the
metrics error_rate and latency, as the presets do. Exit code: 0 GO, 1 NO_GO, 2 anything else.
"""

import argparse
import collections
import csv
import itertools
import os
import queue
import sys
import time
import traceback
import uuid

import grpc
from canary.judge.v1 import analysis_run_pb2, decision_pb2, judge_pb2, sample_pb2, verdict_pb2

SERVICE = "/canary.judge.v1.Judge/"
ARMS = {"baseline": sample_pb2.ARM_BASELINE, "canary": sample_pb2.ARM_CANARY}
EXIT_CODES = {decision_pb2.DECISION_GO: 0, decision_pb2.DECISION_NO_GO: 1}
EXIT_OTHER = 2
ROWS_PER_BATCH = 500
MOST_UNACKED = 20  # batches that are kept in memory; the judge may allow fewer
CALL_SECONDS = 30

Row = collections.namedtuple("Row", "time_millis arm instance requests errors latencies")


class Judge:
    """Calls of the service canary.judge.v1.Judge."""

    def __init__(self, channel):
        self._channel = channel

    def create_run(self, run):
        """Opens a run and returns its name. The request id makes it harmless to ask again."""
        request = judge_pb2.CreateAnalysisRunRequest(
            analysis_run=run, request_id=str(uuid.uuid4()))
        answer = self._unary("CreateAnalysisRun", request, judge_pb2.CreateAnalysisRunResponse)
        return answer.analysis_run.name

    def send(self, run, rows):
        """Streams rows, in order of time, into a run over records. Each of them counts once,
        whatever happens to the connection: what is not acked is kept, and sent again."""
        sender = Sender(self._channel, run, rows)
        while not sender.done:
            try:
                sender.stream()
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.FAILED_PRECONDITION:
                    return  # the run takes no more samples: it is decided
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                time.sleep(1)

    def await_verdict(self, run):
        """Waits until the decision stands: GO, NO_GO, INCONCLUSIVE, or the run is cancelled."""
        request = judge_pb2.GetVerdictRequest(analysis_run=run)
        request.wait.FromSeconds(CALL_SECONDS // 2)
        while True:
            verdict = self._unary("GetVerdict", request, judge_pb2.GetVerdictResponse).verdict
            if verdict.terminal:
                return verdict

    def _unary(self, method, request, response):
        call = self._channel.unary_unary(
            SERVICE + method,
            request_serializer=type(request).SerializeToString,
            response_deserializer=response.FromString)
        return call(request, timeout=CALL_SECONDS, wait_for_ready=True)


class Sender:
    """One producer of one run. `stream` may be called again after a broken connection."""

    def __init__(self, channel, run, rows):
        self._call = channel.stream_stream(
            SERVICE + "StreamSamples",
            request_serializer=judge_pb2.StreamSamplesRequest.SerializeToString,
            response_deserializer=judge_pb2.StreamSamplesResponse.FromString)
        self._open = sample_pb2.StreamOpen(analysis_run=run, producer=str(uuid.uuid4()))
        self._rows = iter(rows)
        self._unacked = collections.deque()  # (sequence, rows); no rows: the last batch
        self._sequence = 0
        self._read_all = False
        self.done = False

    def stream(self):
        """Sends what is not acked yet, and then the rest."""
        requests = queue.SimpleQueue()
        requests.put(judge_pb2.StreamSamplesRequest(open=self._open))
        answers = self._call(iter(requests.get, None), wait_for_ready=True)
        try:
            opened = next(answers).opened
            self._acked(opened.committed_sequence)
            declared = {}  # series hold for one stream: on the next they are declared again
            for batch in list(self._unacked):
                requests.put(self._request(batch, declared))
            credit = min(MOST_UNACKED, opened.max_unacked_batches)
            while not self._read_all:
                while len(self._unacked) >= credit:
                    self._take(next(answers))
                requests.put(self._request(self._next(opened), declared))
            requests.put(None)  # half-close: answered once everything is acked
            for answer in answers:
                self._take(answer)
            self.done = True
        finally:
            requests.put(None)
            answers.cancel()

    def _next(self, opened):
        most = max(1, min(ROWS_PER_BATCH, opened.max_samples_per_batch // 2))
        rows = list(itertools.islice(self._rows, most))
        self._read_all = not rows
        self._sequence += 1
        self._unacked.append((self._sequence, rows))
        return self._unacked[-1]

    def _request(self, numbered, declared):
        sequence, rows = numbered
        batch = sample_pb2.SampleBatch(sequence=sequence, last=not rows)
        for row in rows:
            batch.proportions.add(
                series_id=series(batch, declared, row, "error_rate"),
                time_millis=row.time_millis,
                total_count=row.requests,
                failure_count=row.errors)
            if row.latencies:
                batch.distributions.add(
                    series_id=series(batch, declared, row, "latency"),
                    time_millis=row.time_millis,
                    values=row.latencies)
            # Rows come in order of time: nothing earlier will follow, so that windows can be sealed.
            batch.watermark_millis = row.time_millis
        return judge_pb2.StreamSamplesRequest(batch=batch)

    def _take(self, answer):
        self._acked(answer.ack.committed_sequence)
        for refused in answer.ack.rejections:
            print(f"refused {refused.rejected_sample_count} samples: {refused.example}",
                  file=sys.stderr)

    def _acked(self, sequence):
        while self._unacked and self._unacked[0][0] <= sequence:
            self._unacked.popleft()


def series(batch, declared, row, metric):
    """The number of a series on this stream; the first batch that uses it declares it."""
    key = (row.arm, row.instance, metric)
    if key not in declared:
        declared[key] = len(declared) + 1
        batch.series.add(
            series_id=declared[key], arm=row.arm, instance=row.instance, metric=metric)
    return declared[key]


def read(file):
    """The rows of a file."""
    for row in csv.DictReader(file):
        yield Row(
            time_millis=round(float(row["time"]) * 1000),
            arm=ARMS[row["arm"]],
            instance=row["instance"],
            requests=int(row["requests"]),
            errors=int(row["errors"]),
            latencies=[float(value) for value in row["latencies"].split(";") if value])


def connect(options):
    """A channel: in plaintext, or with TLS and the token of the environment."""
    if not options.authority:
        return grpc.insecure_channel(options.judge)
    with open(options.authority, "rb") as certificates:
        credentials = grpc.ssl_channel_credentials(certificates.read())
    token = os.environ.get("CANARY_JUDGE_TOKEN")
    if token:
        credentials = grpc.composite_channel_credentials(
            credentials, grpc.access_token_call_credentials(token))
    return grpc.secure_channel(options.judge, credentials)


def main():
    parser = argparse.ArgumentParser(description="Judges a canary by recorded requests.")
    parser.add_argument("--judge", default="localhost:9090", help="host and port")
    parser.add_argument("--authority", help="certificates of the judge's authority: use TLS")
    parser.add_argument("--service", required=True)
    parser.add_argument("--baseline", required=True, help="its version")
    parser.add_argument("--canary", required=True, help="its version")
    parser.add_argument("--policy", default="standard")
    parser.add_argument("file", type=argparse.FileType("r"), help="a CSV file, or - for stdin")
    options = parser.parse_args()

    rows = read(options.file)
    first = next(rows, None)
    if first is None:
        sys.exit(options.file.name + ": no rows")
    run = analysis_run_pb2.AnalysisRun(
        service=options.service,
        baseline_version=options.baseline,
        canary_version=options.canary,
        policy="policies/" + options.policy)
    run.retrospective.start_time.FromMilliseconds(first.time_millis)
    with connect(options) as channel:
        judge = Judge(channel)
        name = judge.create_run(run)
        print(name)
        judge.send(name, itertools.chain([first], rows))
        verdict = judge.await_verdict(name)
    print(decision_pb2.Decision.Name(verdict.decision), verdict_pb2.Reason.Name(verdict.reason))
    print(verdict.explanation)
    for metric in verdict.metrics:
        print("  " + metric.explanation)
    return EXIT_CODES.get(verdict.decision, EXIT_OTHER)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except grpc.RpcError as failure:
        print(f"{failure.code().name}: {failure.details()}", file=sys.stderr)
    except (KeyError, OSError, ValueError):
        traceback.print_exc()
    sys.exit(EXIT_OTHER)  # Python's own exit code for an exception is that of NO_GO
