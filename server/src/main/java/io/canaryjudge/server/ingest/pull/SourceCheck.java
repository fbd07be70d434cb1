package io.canaryjudge.server.ingest.pull;

import io.canaryjudge.server.ingest.series.SeriesRequest;
import io.canaryjudge.server.ingest.series.SeriesWishes;
import io.canaryjudge.server.ingest.series.SourceSurvey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** Shows what would be read for a policy, without a run. Used by any thread. */
public final class SourceCheck implements AutoCloseable {

  private final PrometheusClient client;
  private final PullSettings settings;
  private final InstantSource clock;
  private final PullAccounting accounting;

  /** Asks the server that runs are read from. */
  public SourceCheck(PullSettings settings, InstantSource clock, PullAccounting accounting) {
    this.client = new PrometheusClient(settings);
    this.settings = settings;
    this.clock = clock;
    this.accounting = accounting;
  }

  /**
   * Reads the last samples into a survey; what fails is a problem that it says.
   *
   * @param range how far to look back
   */
  public void read(SourceSurvey survey, Duration range) throws InterruptedException {
    SeriesWishes wishes = survey.wishes();
    if (wishes.names().isEmpty()) {
      survey.problem("no metric of the policy is made of series");
      return;
    }
    long now = clock.millis();
    Reading reading = new Reading();
    try {
      for (String selector : selectors(wishes, range, now)) {
        byte[] body = client.query(selector + "[" + range.toMillis() + "ms]", now);
        AnswerReader.matrix(body, survey::wants, settings.maxSeries(), reading);
      }
    } catch (PullException e) {
      accounting.ended(e.outcome());
      survey.problem(settings.url() + ": " + e.getMessage());
      return;
    }
    accounting.ended(PullOutcome.TAKEN);
    reading.warnings().forEach(warning -> survey.problem("Prometheus warns: " + warning));
    for (SeriesRequest request : reading.requests()) {
      request.points().forEach(survey::take);
      request
          .rejections()
          .forEach(
              each ->
                  survey.problem(
                      each.points()
                          + " samples would be refused as "
                          + each.reason().label()
                          + ", such as "
                          + each.example()));
    }
  }

  private List<String> selectors(SeriesWishes wishes, Duration range, long now)
      throws PullException, InterruptedException {
    if (!wishes.scope().isEmpty()) {
      return List.of(Selectors.scoped(wishes));
    }
    String discovery = Selectors.discovery(wishes, range.toMillis());
    Set<String> present = AnswerReader.labels(client.query(discovery, now), settings.maxSeries());
    return Selectors.byService(
        wishes, SeriesWishes.SERVICE_LABELS.stream().filter(present::contains).toList());
  }

  @Override
  public void close() {
    client.close();
  }
}
