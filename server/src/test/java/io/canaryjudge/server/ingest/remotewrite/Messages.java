package io.canaryjudge.server.ingest.remotewrite;

import io.canaryjudge.remotewrite.v1.Label;
import io.canaryjudge.remotewrite.v1.Sample;
import io.canaryjudge.remotewrite.v1.TimeSeries;
import io.canaryjudge.remotewrite.v1.WriteRequest;
import io.canaryjudge.remotewrite.v2.Request;
import io.canaryjudge.server.ingest.series.Memo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.xerial.snappy.Snappy;

/** Write requests by hand. */
final class Messages {

  /** 2023-11-14T22:13:20Z, in milliseconds. */
  static final long TIME = 1_700_000_000_000L;

  private Messages() {}

  /** A series of version 1.0 with names and values of labels in turn. */
  static TimeSeries.Builder series(String... labels) {
    TimeSeries.Builder series = TimeSeries.newBuilder();
    for (int i = 0; i < labels.length; i += 2) {
      series.addLabels(Label.newBuilder().setName(labels[i]).setValue(labels[i + 1]));
    }
    return series;
  }

  static Sample sample(double value) {
    return Sample.newBuilder().setValue(value).setTimestamp(TIME).build();
  }

  static byte[] write(TimeSeries.Builder... series) {
    WriteRequest.Builder request = WriteRequest.newBuilder();
    for (TimeSeries.Builder one : series) {
      request.addTimeseries(one);
    }
    return request.build().toByteArray();
  }

  /** A request of version 2.0 and its table of symbols. */
  static final class Table {

    private final List<String> symbols = new ArrayList<>(List.of(""));
    private final Request.Builder request = Request.newBuilder();

    int ref(String text) {
      int place = symbols.indexOf(text);
      if (place < 0) {
        place = symbols.size();
        symbols.add(text);
      }
      return place;
    }

    io.canaryjudge.remotewrite.v2.TimeSeries.Builder series(String... labels) {
      io.canaryjudge.remotewrite.v2.TimeSeries.Builder series = request.addTimeseriesBuilder();
      for (String text : labels) {
        series.addLabelsRefs(ref(text));
      }
      return series;
    }

    byte[] write() {
      return request.clone().addAllSymbols(symbols).build().toByteArray();
    }
  }

  static io.canaryjudge.remotewrite.v2.Sample.Builder sample2(double value) {
    return io.canaryjudge.remotewrite.v2.Sample.newBuilder().setValue(value).setTimestamp(TIME);
  }

  static byte[] snappy(byte[] plain) {
    try {
      return Snappy.compress(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is read of a body if every series is wanted. */
  static WritePoints read(WriteMessage message, byte[] plain) {
    WritePoints points = new WritePoints();
    WriteReader.read(
        message,
        plain,
        new WantedNames(new RecordingIntake(_ -> true)),
        new SeriesHeads(new Memo<>()),
        points);
    return points;
  }
}
