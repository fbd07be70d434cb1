package io.canaryjudge.server.ingest.remotewrite;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code prometheus.WriteRequest}: series that carry their labels along. Its metadata is not
 * read: Prometheus sends it now and then, in requests of its own, and what a series means must not
 * depend on whether it came.
 */
final class Write1Reader extends WriteReader {

  private static final int SERIES = 1 << 3 | 2;
  private static final int LABEL = 1 << 3 | 2;
  private static final int SAMPLE = 2 << 3 | 2;
  private static final int EXEMPLAR = 3 << 3 | 2;
  private static final int HISTOGRAM = 4 << 3 | 2;
  private static final int LABEL_NAME = 1 << 3 | 2;
  private static final int LABEL_VALUE = 2 << 3 | 2;
  private static final byte[] NAME = SeriesLabels.NAME.getBytes(StandardCharsets.UTF_8);

  Write1Reader(byte[] body, WantedNames names, SeriesHeads heads, WritePoints points) {
    super(WriteMessage.V1, SERIES, HISTOGRAM, body, names, heads, points);
  }

  @Override
  void read() throws IOException {
    eachSeries();
  }

  @Override
  void series(int from, int length) throws IOException {
    String name = scan(from, length);
    if (name != null && !names.wants(name)) {
      points.unwanted(samples, histograms);
      return;
    }
    CodedInputStream in = part(from, length);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == LABEL) {
        label(in);
      } else {
        Wire.skip(in, tag);
      }
    }
    if (open(MetricType.UNSPECIFIED, "")) {
      points(from, length);
    }
  }

  /** Counts what a series has, and finds its name: null if there is none. */
  private @Nullable String scan(int from, int length) throws IOException {
    String name = null;
    CodedInputStream in = part(from, length);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case LABEL -> {
          if (name == null) {
            name = nameIn(in, from);
          } else {
            Wire.skipContent(in);
          }
        }
        case SAMPLE -> {
          samples++;
          Wire.skipContent(in);
        }
        case HISTOGRAM -> {
          histograms++;
          Wire.skipContent(in);
        }
        case EXEMPLAR -> {
          points.exemplars(1);
          Wire.skipContent(in);
        }
        default -> Wire.skip(in, tag);
      }
    }
    return name;
  }

  /** The value of a label if it is the name of the series; null if it is another. */
  private @Nullable String nameIn(CodedInputStream in, int from) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    boolean isName = false;
    int valueFrom = 0;
    int valueLength = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == LABEL_NAME) {
        int length = in.readRawVarint32();
        int start = from + in.getTotalBytesRead();
        in.skipRawBytes(length);
        isName = Arrays.equals(body, start, start + length, NAME, 0, NAME.length);
      } else if (tag == LABEL_VALUE) {
        valueLength = in.readRawVarint32();
        valueFrom = from + in.getTotalBytesRead();
        in.skipRawBytes(valueLength);
      } else {
        Wire.skip(in, tag);
      }
    }
    in.popLimit(outer);
    return isName ? new String(body, valueFrom, valueLength, StandardCharsets.UTF_8) : null;
  }

  private void label(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    String name = "";
    String value = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case LABEL_NAME -> name = in.readStringRequireUtf8();
        case LABEL_VALUE -> value = in.readStringRequireUtf8();
        default -> Wire.skip(in, tag);
      }
    }
    in.popLimit(outer);
    labels.add(name, value);
  }
}
