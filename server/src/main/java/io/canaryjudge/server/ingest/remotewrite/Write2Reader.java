package io.canaryjudge.server.ingest.remotewrite;

import com.google.protobuf.CodedInputStream;
import io.canaryjudge.server.run.Refusal;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads {@code io.prometheus.write.v2.Request}: series whose texts are in a table. */
final class Write2Reader extends WriteReader {

  private static final int SYMBOL = 4 << 3 | 2;
  private static final int SERIES = 5 << 3 | 2;
  private static final int LABEL_REF = 1 << 3;
  private static final int LABEL_REFS = 1 << 3 | 2;
  private static final int SAMPLE = 2 << 3 | 2;
  private static final int HISTOGRAM = 3 << 3 | 2;
  private static final int EXEMPLAR = 4 << 3 | 2;
  private static final int METADATA = 5 << 3 | 2;
  private static final int CREATED = 6 << 3;

  private final Symbols symbols;
  private final Numbers refs = new Numbers(2 * SeriesLabels.MAX_LABELS);
  private MetricType type = MetricType.UNSPECIFIED;
  private int unitRef;

  Write2Reader(byte[] body, WantedNames names, SeriesHeads heads, WritePoints points) {
    super(WriteMessage.V2, SERIES, HISTOGRAM, body, names, heads, points);
    this.symbols = new Symbols(body);
  }

  /** The table may come after the series that use it. */
  @Override
  void read() throws IOException {
    CodedInputStream in = part(0, body.length);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == SYMBOL) {
        int length = in.readRawVarint32();
        symbols.add(in.getTotalBytesRead(), length);
        in.skipRawBytes(length);
      } else {
        Wire.skip(in, tag);
      }
    }
    eachSeries();
  }

  @Override
  void series(int from, int length) throws IOException {
    scan(from, length);
    String name = name();
    if (name != null && !names.wants(name)) {
      points.unwanted(samples, histograms);
      return;
    }
    Problem problem = resolve();
    if (problem != null) {
      refuse(problem);
    } else if (open(type, symbols.isIn(unitRef) ? symbols.text(unitRef) : "")) {
      points(from, length);
    }
  }

  /** Counts what a series has, and reads what is small. */
  private void scan(int from, int length) throws IOException {
    refs.clear();
    type = MetricType.UNSPECIFIED;
    unitRef = 0;
    CodedInputStream in = part(from, length);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case LABEL_REF -> refs.add(in.readUInt32());
        case LABEL_REFS -> refs.packed(in, CodedInputStream::readUInt32);
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
        case METADATA -> metadata(in);
        case CREATED -> createdMillis = in.readInt64();
        default -> Wire.skip(in, tag);
      }
    }
  }

  private void metadata(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 -> type = MetricType.of(in.readEnum());
        case 4 << 3 -> unitRef = in.readUInt32();
        default -> Wire.skip(in, tag);
      }
    }
    in.popLimit(outer);
  }

  /** The name of the series; null if it cannot be told. */
  private @Nullable String name() {
    int known = Math.min(refs.size(), 2 * SeriesLabels.MAX_LABELS);
    for (int i = 0; i + 1 < known; i += 2) {
      if (symbols.isName((int) refs.get(i))) {
        int value = (int) refs.get(i + 1);
        return symbols.isIn(value) ? symbols.text(value) : null;
      }
    }
    return null;
  }

  /** Looks up the labels. Returns what is wrong with the references; null if nothing is. */
  private @Nullable Problem resolve() {
    if (refs.isOverLimit()) {
      return Problem.of(
          Refusal.LIMIT,
          "labels_refs",
          refs.size() + " references",
          "at most " + SeriesLabels.MAX_LABELS + " labels");
    }
    if (refs.size() % 2 != 0) {
      return Problem.of(
          Refusal.BAD_SERIES, "labels_refs", refs.size() + " references", "a value for each name");
    }
    for (int i = 0; i < refs.size(); i++) {
      if (!symbols.isIn((int) refs.get(i))) {
        return Problem.of(
            Refusal.BAD_SERIES,
            "labels_refs[" + i + "]",
            Integer.toUnsignedString((int) refs.get(i)),
            "below the number of symbols, " + symbols.size());
      }
    }
    for (int i = 0; i < refs.size(); i += 2) {
      labels.add(symbols.text((int) refs.get(i)), symbols.text((int) refs.get(i + 1)));
    }
    return null;
  }
}
