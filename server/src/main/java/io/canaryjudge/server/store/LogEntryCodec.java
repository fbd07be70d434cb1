package io.canaryjudge.server.store;

import io.canaryjudge.analysis.aggregate.AggregateCodec;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.LogEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Log entries as bytes: a version, then the components in their order, numbers big-endian, texts as
 * a length in bytes and UTF-8, constants by name, a window as {@link AggregateCodec} has it. What
 * kind of entry it is stands beside the bytes, where people can read it.
 */
final class LogEntryCodec {

  private static final int VERSION = 1;

  private LogEntryCodec() {}

  /** What kind of entry it is. Stored by name. */
  enum Kind {
    WINDOW,
    STEP,
    CHECK,
    OVERRIDE,
    CANCEL,
    DATA_ENDED
  }

  static Kind kind(LogEntry entry) {
    return switch (entry) {
      case LogEntry.WindowSealed _ -> Kind.WINDOW;
      case LogEntry.StepReported _ -> Kind.STEP;
      case LogEntry.CheckReported _ -> Kind.CHECK;
      case LogEntry.Overridden _ -> Kind.OVERRIDE;
      case LogEntry.Cancelled _ -> Kind.CANCEL;
      case LogEntry.DataEnded _ -> Kind.DATA_ENDED;
    };
  }

  static byte[] encode(LogEntry entry) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      write(entry, out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  private static void write(LogEntry entry, DataOutputStream out) throws IOException {
    switch (entry) {
      case LogEntry.WindowSealed window -> {
        out.writeLong(window.index());
        out.writeBoolean(window.interrupted());
        AggregateCodec.write(window.content(), out);
      }
      case LogEntry.StepReported step -> {
        out.writeLong(step.atMillis());
        out.writeInt(step.step());
        out.writeDouble(step.weight());
      }
      case LogEntry.CheckReported check -> {
        out.writeLong(check.atMillis());
        writeText(check.name(), out);
        writeText(check.outcome().name(), out);
        writeText(check.reason(), out);
        writeText(check.link(), out);
      }
      case LogEntry.Overridden override -> {
        out.writeLong(override.atMillis());
        writeText(override.decision().name(), out);
        writeText(override.by(), out);
        writeText(override.reason(), out);
      }
      case LogEntry.Cancelled cancelled -> {
        out.writeLong(cancelled.atMillis());
        writeText(cancelled.by(), out);
        writeText(cancelled.reason(), out);
      }
      case LogEntry.DataEnded ended -> out.writeLong(ended.atMillis());
    }
  }

  /**
   * The entry that became these bytes.
   *
   * @throws IOException if they are cut short, followed by others, or not of this form
   */
  static LogEntry decode(Kind kind, byte[] bytes) throws IOException {
    ByteArrayInputStream source = new ByteArrayInputStream(bytes);
    DataInputStream in = new DataInputStream(source);
    int version = in.readUnsignedByte();
    if (version != VERSION) {
      throw new StreamCorruptedException(
          "log entry version: " + version + " (expected: " + VERSION + ")");
    }
    LogEntry entry = read(kind, in);
    if (source.available() > 0) {
      throw new StreamCorruptedException(
          "log entry: " + source.available() + " bytes after its end (expected: none)");
    }
    return entry;
  }

  private static LogEntry read(Kind kind, DataInputStream in) throws IOException {
    try {
      // Arguments are evaluated in the order in which they were written.
      return switch (kind) {
        case WINDOW -> {
          long index = in.readLong();
          boolean interrupted = in.readBoolean();
          yield new LogEntry.WindowSealed(index, AggregateCodec.read(in), interrupted);
        }
        case STEP -> new LogEntry.StepReported(in.readLong(), in.readInt(), in.readDouble());
        case CHECK ->
            new LogEntry.CheckReported(
                in.readLong(),
                readText(in),
                CheckOutcome.valueOf(readText(in)),
                readText(in),
                readText(in));
        case OVERRIDE ->
            new LogEntry.Overridden(
                in.readLong(), Decision.valueOf(readText(in)), readText(in), readText(in));
        case CANCEL -> new LogEntry.Cancelled(in.readLong(), readText(in), readText(in));
        case DATA_ENDED -> new LogEntry.DataEnded(in.readLong());
      };
    } catch (IllegalArgumentException e) { // an unknown constant
      StreamCorruptedException corrupted = new StreamCorruptedException("log entry: " + kind);
      corrupted.initCause(e);
      throw corrupted;
    }
  }

  private static void writeText(String text, DataOutputStream out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String readText(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new StreamCorruptedException(
          "log entry: text of " + length + " bytes (expected: at most " + in.available() + ")");
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }
}
