package io.canaryjudge.server.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.analysis.policy.LabelMatcher;
import java.util.List;

/** Matchers of labels in the form of a policy file. */
final class LabelMatchers {

  private LabelMatchers() {}

  static LabelMatcher read(Fields fields) {
    LabelMatcher matcher = new LabelMatcher(fields.requiredText("label"), fields.texts("values"));
    fields.refuseUnknown();
    return matcher;
  }

  /** Under a key, unless there are none. */
  static void write(ObjectNode tree, String key, List<LabelMatcher> matchers) {
    if (matchers.isEmpty()) {
      return;
    }
    ArrayNode array = tree.putArray(key);
    for (LabelMatcher matcher : matchers) {
      ObjectNode each = array.addObject().put("label", matcher.label());
      if (!matcher.values().isEmpty()) {
        ArrayNode values = each.putArray("values");
        matcher.values().forEach(values::add);
      }
    }
  }
}
