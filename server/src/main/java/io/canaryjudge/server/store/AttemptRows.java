package io.canaryjudge.server.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.canaryjudge.analysis.verdict.Decision;
import io.canaryjudge.analysis.verdict.RunState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Which runs tried the same before: the same artifact of a service, under the same policy, in the
 * same environment, and likewise live or over recorded samples. Counted are those since the last
 * GO: what came before it did not have to be tried again. Runs that were cancelled before anything
 * was judged are no attempts.
 */
final class AttemptRows {

  /** How many earlier attempts a run names, the newest. */
  static final int MOST_NAMED = 20;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<List<EarlierAttempt>> EARLIER = new TypeReference<>() {};

  private static final String SAME =
      " from runs where service = ? and artifact_digest = ? and environment = ?"
          + " and policy_name = ? and retrospective = ? ";

  private static final String COUNTED =
      SAME
          + "and create_millis >= ? and decision <> 'GO' and (state <> 'CANCELLED' or exists"
          + " (select 1 from log_entries where run_id = runs.id and kind = 'WINDOW')) ";

  private AttemptRows() {}

  /** The run as the attempt that it is. Nobody else may create one of the same kind meanwhile. */
  static RunRecord link(Connection connection, RunRecord run) throws SQLException {
    if (run.artifactDigest().isEmpty()) {
      return run;
    }
    long since = lastGo(connection, run);
    return run.asAttempt(1 + count(connection, run, since), earlier(connection, run, since));
  }

  private static long lastGo(Connection connection, RunRecord run) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select coalesce(max(create_millis), 0)" + SAME + "and decision = 'GO'")) {
      setKey(select, run);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  private static int count(Connection connection, RunRecord run, long sinceMillis)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement("select count(*)" + COUNTED)) {
      setKey(select, run);
      select.setLong(6, sinceMillis);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getInt(1) : 0;
      }
    }
  }

  private static List<EarlierAttempt> earlier(
      Connection connection, RunRecord run, long sinceMillis) throws SQLException {
    List<EarlierAttempt> earlier = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select id, create_millis, state, decision"
                + COUNTED
                + "order by create_millis desc, id limit "
                + MOST_NAMED)) {
      setKey(select, run);
      select.setLong(6, sinceMillis);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          earlier.add(
              new EarlierAttempt(
                  row.getString(1),
                  row.getLong(2),
                  RunState.valueOf(row.getString(3)),
                  Decision.valueOf(row.getString(4))));
        }
      }
    }
    return earlier;
  }

  private static void setKey(PreparedStatement select, RunRecord run) throws SQLException {
    select.setString(1, run.service());
    select.setString(2, run.artifactDigest());
    select.setString(3, run.environment());
    select.setString(4, run.policyName());
    select.setBoolean(5, run.retrospective());
  }

  static String write(List<EarlierAttempt> earlier) {
    try {
      return JSON.writeValueAsString(earlier);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("earlier attempts: " + earlier, e);
    }
  }

  static List<EarlierAttempt> read(String json) throws SQLException {
    try {
      return JSON.readValue(json, EARLIER);
    } catch (JsonProcessingException e) {
      throw new SQLDataException("earlier attempts: " + json, e);
    }
  }
}
