package io.canaryjudge.demo;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Sends totals in the form of remote write 1.0: {@code prometheus.WriteRequest}. */
final class RemoteWriteSender implements PushFeed.Sender {

  private static final int BYTES = 2; // wire type of texts and messages

  private final Posts posts;

  RemoteWriteSender(String httpUrl) {
    posts =
        new Posts(
            URI.create(httpUrl + "/api/v1/write"),
            "Content-Encoding",
            "snappy",
            "X-Prometheus-Remote-Write-Version",
            "0.1.0");
  }

  @Override
  public void send(List<ServedRequests.Totals> totals, long timeMillis)
      throws IOException, InterruptedException {
    byte[] request =
        message(
            out -> {
              for (ServedRequests.Totals each : totals) {
                for (Exposition.Sample sample : Exposition.of(each)) {
                  write(out, 1, series(sample, each.instance(), timeMillis));
                }
              }
            });
    byte[] _ = posts.post(SnappyLiterals.pack(request));
  }

  private static byte[] series(Exposition.Sample sample, CheckoutInstance instance, long timeMillis)
      throws IOException {
    Map<String, String> labels = new TreeMap<>(Exposition.labels(instance));
    labels.putAll(sample.labels());
    labels.put("__name__", sample.name());
    return message(
        out -> {
          for (Map.Entry<String, String> label : labels.entrySet()) {
            write(
                out,
                1,
                message(
                    inner -> {
                      inner.writeString(1, label.getKey());
                      inner.writeString(2, label.getValue());
                    }));
          }
          write(
              out,
              2,
              message(
                  inner -> {
                    inner.writeDouble(1, sample.value());
                    inner.writeInt64(2, timeMillis);
                  }));
        });
  }

  private static void write(CodedOutputStream out, int field, byte[] message) throws IOException {
    out.writeTag(field, BYTES);
    out.writeUInt32NoTag(message.length);
    out.writeRawBytes(message);
  }

  @FunctionalInterface
  private interface Content {
    void to(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Content content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    content.to(out);
    out.flush();
    return bytes.toByteArray();
  }
}
