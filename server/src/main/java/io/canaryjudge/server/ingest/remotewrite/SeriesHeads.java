package io.canaryjudge.server.ingest.remotewrite;

import io.canaryjudge.server.ingest.series.Memo;

/** The heads of the series of a request; those that came before are not read again. */
final class SeriesHeads {

  private final Memo<SeriesHead> memo;
  private final Memo.Key key = new Memo.Key();

  /** Those of one request, used by one thread; the memo is that of all requests. */
  SeriesHeads(Memo<SeriesHead> memo) {
    this.memo = memo;
  }

  /** As {@link SeriesHead#of}; version 1.0 tells no types, and forbids less than 2.0. */
  SeriesHead of(SeriesLabels labels, WriteMessage message, MetricType type, String unit) {
    boolean strict = message == WriteMessage.V2;
    key.begin(message);
    key.add(type.name());
    key.add(unit);
    if (!labels.ask(key)) {
      return SeriesHead.of(labels, strict, type, unit);
    }
    SeriesHead known = memo.find(key);
    if (known != null) {
      return known;
    }
    SeriesHead head = SeriesHead.of(labels, strict, type, unit);
    if (head.problem() == null) {
      memo.put(key, head);
    }
    return head;
  }
}
