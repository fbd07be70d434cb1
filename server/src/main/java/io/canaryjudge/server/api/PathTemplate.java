package io.canaryjudge.server.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A path with variables, as OpenAPI writes it: {@code /api/v1/analysisRuns/{analysis_run}}. */
public final class PathTemplate {

  private final String text;
  private final List<String> segments;

  PathTemplate(String text) {
    this.text = text;
    this.segments = split(text);
  }

  /** The variables' values if a path fits; each is one segment, not empty. */
  Optional<Map<String, String>> match(String path) {
    List<String> came = split(path);
    if (came.size() != segments.size()) {
      return Optional.empty();
    }
    Map<String, String> values = new TreeMap<>();
    for (int i = 0; i < came.size(); i++) {
      String segment = segments.get(i);
      if (isVariable(segment)) {
        if (came.get(i).isEmpty()) {
          return Optional.empty();
        }
        values.put(name(segment), came.get(i));
      } else if (!segment.equals(came.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(values);
  }

  /** Names of the variables, in order. */
  List<String> variables() {
    List<String> names = new ArrayList<>();
    for (String segment : segments) {
      if (isVariable(segment)) {
        names.add(name(segment));
      }
    }
    return names;
  }

  @Override
  public String toString() {
    return text;
  }

  private static List<String> split(String path) {
    return List.of(path.split("/", -1));
  }

  private static boolean isVariable(String segment) {
    return segment.startsWith("{") && segment.endsWith("}");
  }

  private static String name(String segment) {
    return segment.substring(1, segment.length() - 1);
  }
}
