package io.canaryjudge.server.dialect.kayenta;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What can be told of the query of a metric.
 *
 * @param kind what its series are
 * @param series name of the series; empty if it is not one that we can be given
 * @param unit UCUM unit of the values
 * @param where labels that a series has to have
 * @param failures labels of those that count failures
 * @param remark what is lost, or has to be done; may be empty
 */
record QueryImport(
    Kind kind,
    String series,
    String unit,
    List<Condition> where,
    List<Condition> failures,
    String remark) {

  /** What a series is. */
  enum Kind {
    /** A counter of requests, of which some labels are failures: a proportion. */
    FAILURES,
    /** A histogram of durations, or another one. */
    TIMES,
    /** A gauge. */
    VALUES,
    /** A counter without anything to divide it by. */
    RATE,
    /** Nothing that we can be given as it is. */
    UNKNOWN
  }

  /** Values of a label, of which a series has to have one. */
  record Condition(String label, List<String> values) {}

  private static final String PROMETHEUS = "prometheus";
  private static final Pattern MATCHER =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)\\s*(=~|!=|!~|=)\\s*[\"']([^\"']*)[\"']");
  private static final Pattern STATUS_LABEL =
      Pattern.compile("code|status|status_code|response_code|http_status_code|grpc_code|class.*");
  private static final Pattern FAILURE =
      Pattern.compile(
          "(\\^?\\(?(5|50\\d|5\\.|5x|5\\[).*)|(?i)(.*(fail|error|unavailable|internal).*)");

  private static final String SEND_IT =
      "send its samples under this name, or name its series under sources";

  static QueryImport of(JsonNode query) {
    String service =
        query.path("serviceType").asText(query.path("type").asText("")).toLowerCase(Locale.ROOT);
    if (!service.equals(PROMETHEUS)) {
      return unknown(
          service.equals(ConfigJson.JUDGE)
              ? "a view of a policy has no queries: " + SEND_IT
              : "a query to "
                  + (service.isEmpty() ? "nothing" : service)
                  + " is not asked: "
                  + SEND_IT);
    }
    String inline = query.path("customInlineTemplate").asText("");
    if (inline.toLowerCase(Locale.ROOT).startsWith("promql:") || inline.contains("(")) {
      return unknown("an expression in PromQL is not a series with counts: " + SEND_IT);
    }
    String name = query.path("metricName").asText("");
    if (name.isBlank()) {
      return unknown("no metricName: " + SEND_IT);
    }
    return prometheus(name, inline + " " + query.path("customFilter").asText(""), query);
  }

  private static QueryImport unknown(String remark) {
    return new QueryImport(Kind.UNKNOWN, "", "1", List.of(), List.of(), remark);
  }

  private static QueryImport prometheus(String name, String filter, JsonNode query) {
    List<Condition> where = new ArrayList<>();
    List<Condition> failures = new ArrayList<>();
    List<String> lost = new ArrayList<>();
    Matcher matcher = MATCHER.matcher(filter);
    while (matcher.find()) {
      read(matcher, where, failures, lost);
    }
    if (query.path("customFilterTemplate").asText("").length() > 0) {
      lost.add("customFilterTemplate " + query.path("customFilterTemplate").asText());
    }
    boolean counter = name.endsWith("_total") || name.endsWith("_count");
    boolean histogram = name.endsWith("_bucket");
    if (counter && failures.isEmpty()) {
      return new QueryImport(
          Kind.RATE,
          "",
          "1",
          List.of(),
          List.of(),
          "left out: requests per second depend on the traffic that an arm is given, and are no"
              + " property of a version");
    }
    where.addAll(counter ? List.of() : failures);
    String remark =
        lost.isEmpty()
            ? ""
            : "not carried over, add them under sources: " + String.join(", ", lost);
    String base = name.replaceFirst("_(total|count|bucket)$", "");
    return new QueryImport(
        counter ? Kind.FAILURES : histogram ? Kind.TIMES : Kind.VALUES,
        base,
        counter ? "1" : unit(base),
        where,
        counter ? failures : List.of(),
        remark);
  }

  /** Conditions that name the arm are those of the run, and not of the policy. */
  private static void read(
      Matcher matcher, List<Condition> where, List<Condition> failures, List<String> lost) {
    String label = matcher.group(1);
    String operator = matcher.group(2);
    String text = matcher.group(3);
    if (text.contains("${")) {
      return;
    }
    boolean status = STATUS_LABEL.matcher(label.toLowerCase(Locale.ROOT)).matches();
    if (status && operator.startsWith("=") && FAILURE.matcher(text).matches()) {
      failures.add(new Condition(label, values(text)));
    } else if (operator.equals("=") || (operator.equals("=~") && plain(text))) {
      where.add(new Condition(label, values(text)));
    } else {
      lost.add(matcher.group());
    }
  }

  private static boolean plain(String regex) {
    return regex.matches("[A-Za-z0-9_/|-]+(\\.[*+])?");
  }

  /** Alternatives of a simple expression; {@code 5..} and {@code 5.*} begin with a five. */
  private static List<String> values(String text) {
    List<String> values = new ArrayList<>();
    for (String each : text.replaceAll("[\\^$()]", "").split("\\|")) {
      String value = each.replaceFirst("(\\.[*+]?|\\[0-9\\]|\\\\d|x)+$", "*");
      values.add(value);
    }
    return values;
  }

  private static String unit(String name) {
    return name.endsWith("_seconds") ? "s" : name.endsWith("_bytes") ? "By" : "1";
  }

  /** Adds where the samples come from. */
  void sources(ObjectNode metric) {
    if (series.isEmpty()) {
      return;
    }
    ObjectNode source = metric.putArray("sources").addObject().put("series", series);
    conditions(source, "where", where);
    conditions(source, "failures", failures);
  }

  private static void conditions(ObjectNode source, String key, List<Condition> conditions) {
    if (conditions.isEmpty()) {
      return;
    }
    ArrayNode list = source.putArray(key);
    for (Condition condition : conditions) {
      ArrayNode values = list.addObject().put("label", condition.label()).putArray("values");
      condition.values().forEach(values::add);
    }
  }
}
