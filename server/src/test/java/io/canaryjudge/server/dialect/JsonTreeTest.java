package io.canaryjudge.server.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTreeTest {

  private static List<String> refused(JsonTree tree) {
    try {
      tree.orThrow();
      return List.of();
    } catch (JudgeException e) {
      assertThat(e.reason()).isEqualTo(ErrorReason.INVALID_FIELD);
      return e.violations().stream().map(FieldViolation::toString).toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "[]", "1", "null", "{", "{\"a\":}"})
  void onlyAnObjectIsRead(String text) {
    assertThatThrownBy(() -> JsonTree.parse(text))
        .isInstanceOf(JudgeException.class)
        .hasMessageStartingWith("body: ")
        .hasMessageContaining("expected: ");
  }

  @Test
  void unknownKeysAndMissingOnesAreFine() {
    JsonTree tree = JsonTree.parse("{\"more\":[1,{}],\"nothing\":null}");
    assertThat(tree.text("a", "b")).isEqualTo("b");
    assertThat(tree.flag("a")).isFalse();
    assertThat(tree.number("nothing")).isEmpty();
    assertThat(tree.number("a", 3, 0, 9)).isEqualTo(3);
    assertThat(tree.choice("a", "one", "two")).isEqualTo("one");
    assertThat(tree.objects("a", 1)).isEmpty();
    assertThat(tree.object("nothing").object("a").textsByKey("b")).isEmpty();
    assertThat(tree.has("more")).isTrue();
    assertThat(tree.has("nothing")).isFalse();
    assertThatCode(tree::orThrow).doesNotThrowAnyException();
  }

  @Test
  void valuesAreReadAsTheyAreMeant() {
    JsonTree tree =
        JsonTree.parse(
            """
            {"text": 5, "flag": "true", "number": "2.5", "choice": "TWO",
             "points": [1, "NaN", null, 2.5], "texts": ["a", 1],
             "by": {"b": {"x": "2"}, "a": {"x": "1"}}, "map": {"k": "v", "i": "j"}}
            """);
    assertThat(tree.text("text", "")).isEqualTo("5");
    assertThat(tree.flag("flag")).isTrue();
    assertThat(tree.number("number")).hasValue(2.5);
    assertThat(tree.choice("choice", "one", "two")).isEqualTo("two");
    assertThat(tree.points("points", 4)).containsExactly(1, Double.NaN, Double.NaN, 2.5);
    assertThat(tree.texts("texts", 2)).containsExactly("a", "1");
    assertThat(tree.objectsByKey("by").values())
        .extracting(each -> each.requiredText("x"))
        .containsExactly("1", "2");
    assertThat(tree.textsByKey("map").toString()).isEqualTo("{i=j, k=v}");
    assertThat(refused(tree)).isEmpty();
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnceWithItsPath() {
    JsonTree tree =
        JsonTree.parse(
            """
            {"list": [{"n": "x"}, 7], "long": [{}, {}, {}], "object": [], "points": [true],
             "choice": "three", "n": 10, "empty": "", "number": 1, "map": {"k": 2}}
            """);
    tree.objects("list", 2).getFirst().number("n");
    tree.objects("long", 2);
    tree.object("object");
    tree.points("points", 1);
    tree.choice("choice", "one", "two");
    tree.number("n", 1, 0, 9);
    tree.requiredText("empty");
    tree.requiredText("number");
    tree.requiredText("absent");
    tree.textsByKey("map");
    assertThat(refused(tree))
        .containsExactly(
            "list[1]: NUMBER (expected: an object)",
            "list[0].n: \"x\" (expected: a number)",
            "long: 3 elements (expected: at most 2)",
            "object: ARRAY (expected: an object)",
            "points[0]: true (expected: a number or NaN)",
            "choice: three (expected: one of one, two)",
            "n: 10.0 (expected: in (0.0, 9.0])",
            "empty: \"\" (expected: a text)",
            "number: 1 (expected: a text)",
            "absent: nothing (expected: a text)",
            "map.k: 2 (expected: a text)");
  }
}
