package io.canaryjudge.server.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.RunState;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The rows of table {@code runs}. */
final class RunRows {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<TreeMap<String, String>> LABELS = new TypeReference<>() {};

  private static final String COLUMNS =
      "id, service, baseline_version, canary_version, allow_same_version, policy_name,"
          + " policy_revision, effective_policy, overrides, labels, artifact_digest,"
          + " retrospective, producer_count, create_millis, start_millis, state, end_millis,"
          + " decision, creator, arms, range_end_millis, pulled, environment, attempt,"
          + " earlier_attempts";

  private static final String SELECT = "select " + COLUMNS + " from runs ";

  private RunRows() {}

  static void insert(Connection connection, RunRecord run) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into runs (" + COLUMNS + ") values (" + "?, ".repeat(24) + "?)")) {
      insert.setString(1, run.id());
      insert.setString(2, run.service());
      insert.setString(3, run.baselineVersion());
      insert.setString(4, run.canaryVersion());
      insert.setBoolean(5, run.allowSameVersion());
      insert.setString(6, run.policyName());
      insert.setLong(7, run.policyRevision());
      insert.setString(8, run.effectivePolicy());
      insert.setString(9, run.overrides());
      insert.setString(10, write(run.labels()));
      insert.setString(11, run.artifactDigest());
      insert.setBoolean(12, run.retrospective());
      insert.setInt(13, run.producerCount());
      insert.setLong(14, run.createMillis());
      insert.setLong(15, run.startMillis());
      insert.setString(16, run.state().name());
      insert.setLong(17, run.endMillis());
      insert.setString(18, run.decision().name());
      insert.setString(19, run.creator());
      insert.setString(20, ArmSelectionCodec.encode(run.arms()));
      insert.setLong(21, run.rangeEndMillis());
      insert.setBoolean(22, run.pulled());
      insert.setString(23, run.environment());
      insert.setInt(24, run.attempt());
      insert.setString(25, AttemptRows.write(run.earlierAttempts()));
      insert.executeUpdate();
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into run_progress (run_id, commits, revision, sealed_windows)"
                + " values (?, 0, 0, 0)")) {
      insert.setString(1, run.id());
      insert.executeUpdate();
    }
  }

  static JudgeException notFound(String id) {
    return JudgeException.of(
        ErrorReason.RUN_NOT_FOUND, "run: " + id + " (expected: one that exists)");
  }

  static Optional<RunRecord> find(Connection connection, String id) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(SELECT + "where id = ?")) {
      select.setString(1, id);
      return read(select).stream().findFirst();
    }
  }

  static List<RunRecord> open(Connection connection) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(SELECT + "where end_millis = 0 order by create_millis, id")) {
      return read(select);
    }
  }

  /** Live runs of an artifact in an environment whose decision is GO, newest first. */
  static List<RunRecord> gos(
      Connection connection, String service, String artifactDigest, String environment, int limit)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            SELECT
                + "where service = ? and artifact_digest = ? and environment = ?"
                + " and decision = 'GO' and not retrospective"
                + " order by create_millis desc, id limit ?")) {
      select.setString(1, service);
      select.setString(2, artifactDigest);
      select.setString(3, environment);
      select.setInt(4, limit);
      return read(select);
    }
  }

  /** Runs after a position, newest first. */
  static List<RunRecord> list(
      Connection connection, RunFilter filter, PageTokens.Position after, int limit)
      throws SQLException {
    List<RunState> states = filter.states().stream().sorted().toList();
    StringBuilder sql = new StringBuilder(SELECT);
    sql.append("where create_millis <= ? and (create_millis < ? or id > ?)");
    if (!filter.service().isEmpty()) {
      sql.append(" and service = ?");
    }
    if (!states.isEmpty()) {
      sql.append(" and state in (?").repeat(", ?", states.size() - 1).append(')');
    }
    sql.append(" order by create_millis desc, id limit ?");
    try (PreparedStatement select = connection.prepareStatement(sql.toString())) {
      int parameter = 1;
      select.setLong(parameter++, after.number());
      select.setLong(parameter++, after.number());
      select.setString(parameter++, after.name());
      if (!filter.service().isEmpty()) {
        select.setString(parameter++, filter.service());
      }
      for (RunState state : states) {
        select.setString(parameter++, state.name());
      }
      select.setInt(parameter, limit);
      return read(select);
    }
  }

  private static List<RunRecord> read(PreparedStatement select) throws SQLException {
    List<RunRecord> runs = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        runs.add(
            new RunRecord(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getBoolean(5),
                arms(row.getString(20)),
                row.getString(6),
                row.getLong(7),
                row.getString(8),
                row.getString(9),
                labels(row.getString(10)),
                row.getString(11),
                row.getBoolean(12),
                row.getInt(13),
                row.getLong(21),
                row.getBoolean(22),
                row.getLong(14),
                row.getLong(15),
                RunState.valueOf(row.getString(16)),
                row.getLong(17),
                Decision.valueOf(row.getString(18)),
                row.getString(19),
                row.getString(23),
                row.getInt(24),
                AttemptRows.read(row.getString(25))));
      }
    }
    return runs;
  }

  private static ArmSelection arms(String json) throws SQLException {
    try {
      return ArmSelectionCodec.decode(json);
    } catch (IOException e) {
      throw new SQLDataException("arms: " + json, e);
    }
  }

  private static String write(SortedMap<String, String> labels) {
    try {
      return JSON.writeValueAsString(labels);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("labels: " + labels, e);
    }
  }

  private static SortedMap<String, String> labels(String json) throws SQLException {
    try {
      return JSON.readValue(json, LABELS);
    } catch (JsonProcessingException e) {
      throw new SQLDataException("labels: " + json, e);
    }
  }
}
