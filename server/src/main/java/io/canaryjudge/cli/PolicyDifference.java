package io.canaryjudge.cli;

import io.canaryjudge.proto.v1.Policy;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a policy differs from what the judge has, value by value.
 *
 * @param present what the judge has, if anything
 * @param wanted what it would have
 * @param lines one for each value: "- path: was" and "+ path: is"
 */
record PolicyDifference(Optional<Policy> present, Policy wanted, List<String> lines) {

  PolicyDifference {
    lines = List.copyOf(lines);
  }

  static PolicyDifference of(Optional<Policy> present, Policy wanted) {
    Map<String, String> is = PolicyTree.values(wanted);
    Map<String, String> was = present.<Map<String, String>>map(PolicyTree::values).orElse(Map.of());
    Set<String> paths = new LinkedHashSet<>(was.keySet());
    paths.addAll(is.keySet());
    List<String> lines = new ArrayList<>();
    for (String path : paths) {
      String before = was.get(path);
      String after = is.get(path);
      if (before != null && !before.equals(after)) {
        lines.add("- " + path + ": " + before);
      }
      if (after != null && !after.equals(before)) {
        lines.add("+ " + path + ": " + after);
      }
    }
    return new PolicyDifference(present, wanted, lines);
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  /** The policy with its revision. */
  String title() {
    String name = PolicyNames.brief(wanted.getName());
    return present
        .map(policy -> name + ", revision " + policy.getRevision())
        .orElse(name + ", which is new");
  }
}
