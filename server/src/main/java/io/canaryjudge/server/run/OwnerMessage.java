package io.canaryjudge.server.run;

import io.canaryjudge.analysis.verdict.LogEntry;
import io.canaryjudge.server.store.AuditRow;
import io.canaryjudge.server.store.RunCommit;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What a {@link RunOwner} is told. */
sealed interface OwnerMessage {

  /**
   * A producer opens a stream.
   *
   * @param producer its name
   * @param door where it came in
   * @param listener hears what becomes of the stream
   */
  record Open(String producer, Door door, IngestListener listener) implements OwnerMessage {}

  /**
   * A person or a tool reports something.
   *
   * @param entry what
   * @param row who
   * @param answer completed once it is durable
   */
  record Report(LogEntry entry, AuditRow row, CompletableFuture<RunSnapshot> answer)
      implements OwnerMessage {}

  /**
   * A round begins.
   *
   * @param nowMillis the time, epoch milliseconds
   * @param interruptedMillis until when the judge was out of reach, epoch milliseconds
   * @param answer what is to be committed; null if there is nothing
   */
  record Prepare(
      long nowMillis, long interruptedMillis, CompletableFuture<@Nullable RunCommit> answer)
      implements OwnerMessage {}

  /**
   * The commit of the present round is durable.
   *
   * @param nowMillis the time, epoch milliseconds
   */
  record Committed(long nowMillis) implements OwnerMessage {}

  /**
   * The commit of the present round can never become durable.
   *
   * @param cause why
   */
  record Failed(Throwable cause) implements OwnerMessage {}

  /** The server stops: commit what there is, and end the streams. */
  record Drain() implements OwnerMessage {}
}
