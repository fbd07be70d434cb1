package io.canaryjudge.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A dashboard of the folder {@code dashboards/grafana}. */
record Dashboard(String file, JsonNode json) {

  static final Path FOLDER = Path.of("..", "dashboards").toAbsolutePath().normalize();

  static List<Dashboard> all() {
    ObjectMapper mapper = new ObjectMapper();
    try (Stream<Path> files = Files.list(FOLDER.resolve("grafana"))) {
      List<Dashboard> dashboards = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        dashboards.add(
            new Dashboard(file.getFileName().toString(), mapper.readTree(file.toFile())));
      }
      return dashboards;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Panels without rows. */
  List<JsonNode> panels() {
    List<JsonNode> panels = new ArrayList<>();
    json.path("panels")
        .forEach(
            panel -> {
              if (!"row".equals(panel.path("type").asText())) {
                panels.add(panel);
              }
            });
    return panels;
  }

  /** A query of a panel, or of a variable. */
  record Query(String where, String expression) {}

  List<Query> queries() {
    List<Query> queries = new ArrayList<>();
    for (JsonNode panel : panels()) {
      for (JsonNode target : panel.path("targets")) {
        queries.add(
            new Query(
                file + ": " + panel.path("title").asText() + " " + target.path("refId").asText(),
                target.path("expr").asText()));
      }
    }
    return queries;
  }

  @Override
  public String toString() {
    return file;
  }
}
