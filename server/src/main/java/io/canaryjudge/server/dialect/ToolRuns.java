package io.canaryjudge.server.dialect;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.run.CreateRun;
import io.canaryjudge.server.run.Runs;
import io.canaryjudge.server.store.RunFilter;
import io.canaryjudge.server.store.RunRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The runs of a tool that does not keep their ids: it says of each what it is about, and asks again
 * and again, also several times at once.
 */
public final class ToolRuns {

  /** How many runs of a service are looked through. */
  private static final int LOOK_BACK = 200;

  private static final long AGAIN_MILLIS = 1_000;

  private final Runs runs;

  /** Finds, begins and ends runs among all there are. */
  public ToolRuns(Runs runs) {
    this.runs = runs;
  }

  /** Runs of a service that are meant, newest first. */
  public Stream<RunRecord> of(String service, Predicate<RunRecord> isMeant) {
    return runs.list(new RunFilter(service, Set.of()), LOOK_BACK, "").items().stream()
        .filter(isMeant);
  }

  /**
   * Begins a run, or takes part in the one that somebody else has begun by the same {@linkplain
   * #requestId request id}, be it with other labels or settings.
   *
   * @param isMeant whether a run of the service is an answer to the request as well
   * @throws JudgeException {@code LIMIT_REACHED}, to be asked again, if that run is over already,
   *     and what {@link Runs#create} throws
   */
  public RunRecord begin(CreateRun request, Predicate<RunRecord> isMeant) {
    try {
      return runs.create(request);
    } catch (JudgeException e) {
      if (e.reason() != ErrorReason.REQUEST_ID_REUSED) {
        throw e;
      }
      return of(request.service(), isMeant)
          .findFirst()
          .orElseThrow(
              () ->
                  JudgeException.of(
                          ErrorReason.LIMIT_REACHED,
                          "Another request for " + request.service() + " is under way.")
                      .retryAfter(AGAIN_MILLIS));
    }
  }

  /**
   * A request id that is the same for all requests that would begin the same run now, so that of
   * two at once only one begins it.
   *
   * @param tool who asks
   * @param about what the run is about
   * @param before the newest run about it, which is over; empty if there is none
   */
  public static String requestId(String tool, List<String> about, Optional<RunRecord> before) {
    StringBuilder text = new StringBuilder(tool);
    Stream.concat(about.stream(), Stream.of(before.map(RunRecord::id).orElse("")))
        .forEach(part -> text.append('\n').append(part.length()).append(':').append(part));
    return UUID.nameUUIDFromBytes(text.toString().getBytes(StandardCharsets.UTF_8)).toString();
  }

  /**
   * Ends a run without a decision, and waits for that; one that has ended stays as it is.
   *
   * @param author who cancels, and why: as in {@link Runs#cancel}
   */
  public void cancel(String runId, String author, String reason, String actor) {
    try {
      runs.cancel(runId, author, reason, actor).join();
    } catch (RuntimeException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (!(cause instanceof JudgeException known) || known.reason() != ErrorReason.RUN_CLOSED) {
        throw e;
      }
    }
  }
}
