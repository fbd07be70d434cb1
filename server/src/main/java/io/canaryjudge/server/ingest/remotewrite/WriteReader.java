package io.canaryjudge.server.ingest.remotewrite;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;

/**
 * Reads the points of one write request. Used by one thread, for one request.
 *
 * <p>The messages are read by hand rather than into generated classes: most series that a
 * Prometheus has are no business of a run, and of those no more than the name is looked at.
 */
abstract sealed class WriteReader permits Write1Reader, Write2Reader {

  // Samples have the same number in both versions; series and native histograms do not.
  private static final int SAMPLE = 2 << 3 | 2;

  final byte[] body;
  final WantedNames names;
  final WritePoints points;
  final SeriesLabels labels = new SeriesLabels();

  private final WriteMessage message;
  private final int seriesTag;
  private final int histogramTag;
  private final SeriesHeads heads;
  private final PointReader reader;
  private final NativeHistogram histogram = new NativeHistogram();

  // What one series has, counted before anything of it is read.
  long samples;
  long histograms;

  // Start of the series, epoch milliseconds, where its points have none of their own.
  long createdMillis;

  /**
   * Reads one version of the message.
   *
   * @param seriesTag of the series in the body
   * @param histogramTag of the native histograms in a series
   */
  WriteReader(
      WriteMessage message,
      int seriesTag,
      int histogramTag,
      byte[] body,
      WantedNames names,
      SeriesHeads heads,
      WritePoints points) {
    this.message = message;
    this.seriesTag = seriesTag;
    this.histogramTag = histogramTag;
    this.heads = heads;
    this.body = body;
    this.names = names;
    this.points = points;
    this.reader = new PointReader(points, labels);
  }

  /** Reads the points of a body. */
  static void read(
      WriteMessage message, byte[] body, WantedNames names, SeriesHeads heads, WritePoints points) {
    WriteReader reader =
        switch (message) {
          case V1 -> new Write1Reader(body, names, heads, points);
          case V2 -> new Write2Reader(body, names, heads, points);
        };
    try {
      reader.read();
    } catch (InvalidProtocolBufferException e) {
      throw Malformed.body("malformed protobuf: " + e.getMessage(), message.messageName());
    } catch (IOException e) {
      throw new IllegalStateException("reading an array failed", e);
    }
  }

  /** Reads the body: what its series share, and {@link #eachSeries()}. */
  abstract void read() throws IOException;

  /** Reads a series, which is this part of the body, after {@link #clear()}. */
  abstract void series(int from, int length) throws IOException;

  /** Reads one series of the body after the other. */
  final void eachSeries() throws IOException {
    CodedInputStream in = part(0, body.length);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == seriesTag) {
        int length = in.readRawVarint32();
        int from = in.getTotalBytesRead();
        in.skipRawBytes(length);
        clear();
        series(from, length);
      } else {
        Wire.skip(in, tag);
      }
    }
  }

  /** Reads the points of a series that is {@linkplain #open open}. */
  final void points(int from, int length) throws IOException {
    CodedInputStream in = part(from, length);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == SAMPLE) {
        sample(in);
      } else if (tag == histogramTag) {
        histogram(in);
      } else {
        Wire.skip(in, tag);
      }
    }
  }

  /** A part of the body as a message of its own. */
  final CodedInputStream part(int from, int length) {
    return CodedInputStream.newInstance(body, from, length);
  }

  /** All points of the present series are refused. */
  final void refuse(Problem problem) {
    points.refuse(
        samples, histograms, problem.reason(), () -> labels.shown() + " " + problem.text());
  }

  /** The points that follow are of this series; false if none of them can be taken. */
  final boolean open(MetricType type, String unit) {
    SeriesHead head = heads.of(labels, message, type, unit);
    Problem problem = head.problem();
    if (problem != null) {
      refuse(problem);
      return false;
    }
    reader.open(head);
    return true;
  }

  /** Reads a field that is a sample. */
  private void sample(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    long bits = 0;
    long millis = 0;
    long startMillis = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | 1 -> bits = in.readFixed64();
        case 2 << 3 -> millis = in.readInt64();
        case 3 << 3 -> startMillis = in.readInt64();
        default -> Wire.skip(in, tag);
      }
    }
    in.popLimit(outer);
    reader.sample(bits, millis, start(startMillis));
  }

  /** Reads a field that is a native histogram. */
  private void histogram(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    histogram.read(in);
    in.popLimit(outer);
    reader.histogram(histogram, start(histogram.startMillis()));
  }

  /** Version 1.0 knows no start; drafts of version 2.0 had one for the whole series. */
  private long start(long own) {
    return switch (message) {
      case V1 -> 0;
      case V2 -> own != 0 ? own : createdMillis;
    };
  }

  /** Forgets the series before. */
  private void clear() {
    labels.clear();
    samples = 0;
    histograms = 0;
    createdMillis = 0;
  }
}
