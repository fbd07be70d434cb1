package io.canaryjudge.server.dialect.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.server.error.JudgeException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryParserTest {

  @ParameterizedTest
  @CsvSource({"1, 1", "-2.5e3, -2500", "' 7 ', 7"})
  void aNumber(String text, double value) {
    assertThat(QueryParser.query(text)).isEqualTo(new Query.Scalar(value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"vector(1)", " vector ( 1 ) "})
  void aConstant(String text) {
    assertThat(QueryParser.query(text)).isEqualTo(new Query.Constant(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "up{service=\"cart\"} # cart # true",
        "up{service='cart',} # cart # true",
        "up{service!=\"cart\"} # cart # false",
        "up{service=~\"pay|cart\"} # cart # true",
        "up{service=~\"(pay|cart)\"} # cart # true",
        "up{service=~\"ca.*\"} # cart # true",
        "up{service=~\".*a.*\"} # cart # true",
        "up{service=~\".+art\"} # cart # true",
        "up{service=~\".+cart\"} # cart # false",
        "up{service=~\"pay\\\\.v2\"} # pay.v2 # true",
        "up{service=~\"ar\"} # cart # false",
        "up{service!~\"ca.*|pay\"} # cart # false",
        "up{service!~\"ca.*|pay\"} # stock # true",
        "up{service=\"a\\\"b\"} # a\"b # true",
        "up{service=\"ca*\"} # cart # false",
        "{service=\"cart\"} # cart # true",
        "up { service = \"cart\" } # cart # true",
        "down{service=\"cart\"} # cart # false"
      })
  void aSelectorPicks(String text, String service, boolean picks) {
    Query.Select query = (Query.Select) QueryParser.query(text.trim());
    assertThat(query.selector().matches(Map.of("__name__", "up", "service", service.trim())))
        .isEqualTo(picks);
  }

  @Test
  void aLabelThatIsNotThereIsEmpty() {
    Query.Select query = (Query.Select) QueryParser.query("up{arm=\"\"}");
    assertThat(query.selector().matches(Map.of("__name__", "up"))).isTrue();
  }

  @Test
  void anAggregation() {
    assertThat(QueryParser.query("max(up{service=\"cart\"})"))
        .isInstanceOfSatisfying(
            Query.Aggregate.class,
            query -> assertThat(query.operation()).isEqualTo(Query.Operation.MAX));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "up{",
        "up}",
        "up{service}",
        "up{service=}",
        "up{service=\"cart}",
        "up{service=\"cart\"",
        "up[5m]",
        "rate(up[5m])",
        "up / 2",
        "up > 1",
        "sum by (service) (up)",
        "sum(up",
        "vector(x)",
        "vector(up)",
        "{}",
        "up{service=~\"(a+)+b\"}",
        "up{service=~\"[a-z]\"}",
        "up{service=~\"a.b\"}",
        "up{service=\"a\" arm=\"b\"}",
        "up up"
      })
  void refusesWhatItDoesNotUnderstand(String text) {
    assertThatThrownBy(() -> QueryParser.query(text))
        .isInstanceOf(JudgeException.class)
        .hasMessageContaining("expected:");
  }

  @Test
  void isBounded() {
    assertThatThrownBy(() -> QueryParser.query("up{a=\"" + "x".repeat(2_000) + "\"}"))
        .hasMessageContaining("at most 2000");
    assertThatThrownBy(() -> QueryParser.query("up{" + "a=\"b\",".repeat(33) + "}"))
        .hasMessageContaining("at most 32 matchers");
  }
}
