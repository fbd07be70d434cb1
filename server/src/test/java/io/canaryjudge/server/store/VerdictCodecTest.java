package io.canaryjudge.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.analysis.policy.MetricSource;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.analysis.verdict.CheckOutcome;
import io.canaryjudge.analysis.verdict.CheckVerdict;
import io.canaryjudge.analysis.verdict.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class VerdictCodecTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Equality of records compares doubles by their bits (all NaN being one). */
  @Test
  void givesBackEveryVerdictToTheBit() throws IOException {
    RandomVerdicts verdicts = new RandomVerdicts(1);
    for (int i = 0; i < 2_000; i++) {
      Verdict verdict = verdicts.next(i);
      assertThat(VerdictCodec.decode(VerdictCodec.encode(verdict))).isEqualTo(verdict);
    }
  }

  /** A form that the codec was not told of would be written, and could never be read again. */
  @Test
  void knowsEveryFormOfTolerance() throws IOException {
    RandomVerdicts verdicts = new RandomVerdicts(2);
    StringBuilder seen = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      seen.append(VerdictCodec.encode(verdicts.next(i)));
    }
    List<String> forms =
        List.of(Tolerance.class.getPermittedSubclasses()).stream()
            .map(type -> "\"form\":\"" + type.getSimpleName().toLowerCase(Locale.ROOT) + "\"")
            .toList();
    assertThat(seen).contains(forms.toArray(String[]::new));
  }

  @Test
  void skipsWhatASuccessorAdds() throws IOException {
    Verdict verdict = new RandomVerdicts(3).next(7);
    ObjectNode json = (ObjectNode) JSON.readTree(VerdictCodec.encode(verdict));
    json.put("added_later", 1);
    assertThat(VerdictCodec.decode(json.toString())).isEqualTo(verdict);
  }

  @Test
  void readsChecksOfBeforeTheyCouldExpire() throws IOException {
    JsonNode json = JSON.readTree(VerdictCodec.encode(verdictWithAllTimesUnset()));
    for (JsonNode check : json.path("checks")) {
      ((ObjectNode) check).remove(List.of("beforeStep", "deadlineMillis"));
    }
    assertThat(VerdictCodec.decode(json.toString())).isEqualTo(verdictWithAllTimesUnset());
  }

  private static Verdict verdictWithAllTimesUnset() {
    Verdict verdict = new RandomVerdicts(5).next(7);
    return new Verdict(
        verdict.revision(),
        verdict.state(),
        verdict.judgedDecision(),
        verdict.reason(),
        verdict.override(),
        verdict.sealedWindows(),
        verdict.sealedThroughMillis(),
        verdict.step(),
        verdict.weight(),
        verdict.logHarmEvidence(),
        verdict.harmLine(),
        verdict.expectedMillis(),
        verdict.metrics(),
        List.of(
            new CheckVerdict("smoke", true, CheckOutcome.PASSED, "fine", "", 7),
            new CheckVerdict("approval", true, CheckOutcome.PENDING, "", "", 0)),
        verdict.caveats(),
        verdict.open());
  }

  @Test
  void readsWhatWasWrittenBeforeThereWereStrata() throws IOException {
    RandomVerdicts verdicts = new RandomVerdicts(5);
    int older = 0;
    for (int i = 0; i < 50; i++) {
      ObjectNode json = (ObjectNode) JSON.readTree(VerdictCodec.encode(verdicts.next(i)));
      for (JsonNode metric : json.path("metrics")) {
        ((ObjectNode) metric.path("metric")).putNull("strata");
        metric
            .path("thresholds")
            .forEach(threshold -> ((ObjectNode) threshold).putNull("drivingStratum"));
      }
      Verdict expected = VerdictCodec.decode(json.toString());
      for (JsonNode metric : json.path("metrics")) {
        ((ObjectNode) metric.path("metric")).remove("strata");
        metric
            .path("thresholds")
            .forEach(threshold -> ((ObjectNode) threshold).remove("drivingStratum"));
        older++;
      }
      assertThat(VerdictCodec.decode(json.toString())).isEqualTo(expected);
    }
    assertThat(older).isPositive();
  }

  @Test
  void readsWhatWasWrittenBeforeFailuresHadSeries() throws IOException {
    ObjectNode json =
        (ObjectNode) JSON.readTree(VerdictCodec.encode(new RandomVerdicts(5).next(7)));
    ObjectNode metric = (ObjectNode) json.at("/metrics/0/metric");
    metric.set("sources", JSON.readTree("[{\"series\": \"a\", \"where\": [], \"failures\": []}]"));
    assertThat(VerdictCodec.decode(json.toString()).metrics().getFirst().metric().sources())
        .containsExactly(new MetricSource("a", List.of(), List.of()));
  }

  @Test
  void refusesAVerdictThatMissesAnyField() throws IOException {
    JsonNode whole = JSON.readTree(VerdictCodec.encode(new RandomVerdicts(4).next(7)));
    List<String> fields =
        JSON.convertValue(whole, ObjectNode.class).properties().stream()
            .map(field -> field.getKey())
            .toList();
    assertThat(fields).hasSize(Verdict.class.getRecordComponents().length);
    for (String field : fields) {
      ObjectNode part = whole.deepCopy();
      part.remove(field);
      assertThatThrownBy(() -> VerdictCodec.decode(part.toString()))
          .as(field)
          .isInstanceOf(IOException.class);
    }
  }
}
