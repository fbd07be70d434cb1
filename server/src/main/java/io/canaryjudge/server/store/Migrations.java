package io.canaryjudge.server.store;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.sqlite.SQLiteDataSource;

/**
 * Brings the schema up to date. One folder of migrations, {@code db/migration}, serves both
 * databases.
 *
 * <p>Every change is expand, then contract: a release adds what it needs and leaves what its
 * predecessor uses; only the next one takes that away. So version N of the server runs on the
 * schema of N + 1, and servers can be replaced one by one, or taken back.
 */
public final class Migrations {

  private static final DateTimeFormatter BACKUP_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private static final String FOLDER = "classpath:db/migration";

  private final DatabaseConfig config;
  private final List<String> folders;

  /** Those of one database. */
  public Migrations(DatabaseConfig config) {
    this(config, List.of(FOLDER));
  }

  private Migrations(DatabaseConfig config, List<String> folders) {
    this.config = config;
    this.folders = folders;
  }

  /** Those that a later release adds from another folder. */
  Migrations and(String folder) {
    List<String> more = new ArrayList<>(folders);
    more.add(folder);
    return new Migrations(config, more);
  }

  /**
   * A migration that was not run yet.
   *
   * @param version its number
   * @param description what it does
   * @param script its file
   */
  public record Pending(String version, String description, String script) {}

  /**
   * What {@link #migrate} would run, in this order. Changes nothing, and creates no file.
   *
   * @throws JudgeException as {@link Database#open}
   */
  public List<Pending> plan() {
    boolean absent = config.dialect() == Dialect.SQLITE && !Files.exists(config.file());
    MigrationInfoService info =
        info(flyway(absent ? emptyDatabase() : source(DataSources.Use.READ)));
    return Arrays.stream(info.pending()).map(Migrations::pending).toList();
  }

  /**
   * Runs what is pending, each migration in a transaction of its own. An existing file is backed up
   * before.
   *
   * @param clock names the backup
   * @throws JudgeException as {@link Database#open}
   */
  public void migrate(InstantSource clock) {
    if (config.dialect() == Dialect.SQLITE) {
      try (FileOwnership _ = FileOwnership.take(config.file())) {
        migrateOwned(clock);
      }
    } else {
      migrateOwned(clock);
    }
  }

  /** The same, where the file is ours already. */
  void migrateOwned(InstantSource clock) {
    boolean present = config.dialect() == Dialect.SQLITE && Files.exists(config.file());
    Flyway flyway = flyway(source(DataSources.Use.WRITE));
    MigrationInfoService info = info(flyway);
    if (info.pending().length == 0) {
      return;
    }
    MigrationInfo current = info.current();
    if (present && current != null) {
      backUp(String.valueOf(current.getVersion()), clock);
    }
    try {
      flyway.migrate();
    } catch (FlywayException e) {
      throw translate("migrate", e);
    }
  }

  private DataSource source(DataSources.Use use) {
    return DataSources.plain(config, use);
  }

  private static DataSource emptyDatabase() {
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite::memory:");
    return source;
  }

  private Flyway flyway(DataSource source) {
    return Flyway.configure()
        .dataSource(source)
        .locations(folders.toArray(String[]::new))
        .placeholders(config.dialect().placeholders())
        // A schema of the next version is fine; a changed or missing file of ours is not.
        .ignoreMigrationPatterns("*:future")
        .validateMigrationNaming(true)
        .cleanDisabled(true)
        .load();
  }

  private MigrationInfoService info(Flyway flyway) {
    try {
      return flyway.info();
    } catch (FlywayException e) {
      throw translate("open", e);
    }
  }

  private JudgeException translate(String task, FlywayException error) {
    for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return DatabaseErrors.translate(config, task, sql);
      }
    }
    return JudgeException.of(
            ErrorReason.INTERNAL, task + " " + config.label() + ": " + error.getMessage())
        .causedBy(error);
  }

  private static Pending pending(MigrationInfo info) {
    return new Pending(String.valueOf(info.getVersion()), info.getDescription(), info.getScript());
  }

  /** A consistent copy beside the file, the log included, durable before anything is changed. */
  private void backUp(String version, InstantSource clock) {
    Path file = config.file();
    Path copy =
        file.resolveSibling(
            file.getFileName()
                + ".schema-"
                + version
                + "."
                + BACKUP_TIME.format(clock.instant())
                + ".backup");
    try (Connection connection = source(DataSources.Use.READ).getConnection();
        PreparedStatement statement = connection.prepareStatement("vacuum into ?")) {
      statement.setString(1, copy.toString());
      statement.execute();
    } catch (SQLException e) {
      throw DatabaseErrors.translate(config, "back up to " + copy, e);
    }
    try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
      channel.force(true);
    } catch (IOException e) {
      throw JudgeException.of(ErrorReason.STORE_UNAVAILABLE, "back up to " + copy + ": " + e)
          .causedBy(e);
    }
  }
}
