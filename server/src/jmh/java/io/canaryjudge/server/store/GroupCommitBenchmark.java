package io.canaryjudge.server.store;

import io.canaryjudge.analysis.aggregate.AggregateCodec;
import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.aggregate.DistributionAggregate;
import io.canaryjudge.analysis.aggregate.ProportionAggregate;
import io.canaryjudge.analysis.aggregate.WindowAggregate;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.verdict.LogEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Time of a group commit, which every acknowledgement waits for: by the number of runs in it, and
 * by the number of samples that each run took since the last one. Windows are ten commits long, so
 * that in each commit a tenth of the runs seals one. Two metrics, ten instances in each arm.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 1, time = 4)
@Measurement(iterations = 3, time = 4)
public class GroupCommitBenchmark {

  private static final int COMMITS_PER_WINDOW = 10;
  private static final int INSTANCES = 10;

  /** Runs in each commit. */
  @Param({"1", "100", "1000"})
  int runs;

  /** Samples of each run and metric in each commit. */
  @Param({"100", "10000"})
  int samples;

  /** Where to; empty for an SQLite file of its own. */
  @Param("")
  String url;

  private Path directory;
  private Database database;
  private RunStore store;
  private List<String> ids;
  private WindowAggregate window;
  private byte[] segment;
  private long number;

  /** Creates the runs. */
  @Setup
  public void open() throws IOException {
    directory = Files.createTempDirectory("group-commit");
    DatabaseConfig config =
        url.isEmpty()
            ? DatabaseConfig.file(directory.resolve("judge.db"))
            : DatabaseConfig.of(url, "", "");
    database = Database.open(config, InstantSource.system());
    store = new JdbcRunStore(database);
    ids = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      String id = UUID.randomUUID().toString();
      ids.add(id);
      store.create(StoreFixtures.newRun(StoreFixtures.run(id, i)));
    }
    window = window(samples, new Random(1));
    segment = AggregateCodec.encode(window);
  }

  /** Latencies around 100 ms, log-normal with a factor of 2 for one standard deviation. */
  private static WindowAggregate window(int samples, Random random) {
    WindowAggregate window = new WindowAggregate();
    for (int i = 0; i < samples; i++) {
      Arm arm = i % 2 == 0 ? Arm.BASELINE : Arm.CANARY;
      String instance = "checkout-5d8f7c9b6-" + random.nextInt(INSTANCES);
      ProportionAggregate errors =
          (ProportionAggregate) window.at(0, arm, instance, MetricKind.PROPORTION);
      errors.add(1, random.nextInt(100) == 0 ? 1 : 0);
      DistributionAggregate latency =
          (DistributionAggregate) window.at(1, arm, instance, MetricKind.DISTRIBUTION);
      latency.addValue(0.1 * Math.pow(2, random.nextGaussian()), 1);
    }
    return window;
  }

  /** One commit of all runs. */
  @Benchmark
  public void commit() {
    number++;
    List<RunCommit> commits = new ArrayList<>(runs);
    for (int i = 0; i < runs; i++) {
      commits.add(commit(ids.get(i), i));
    }
    store.commit(commits);
  }

  private RunCommit commit(String id, int run) {
    long sealed = (number + run % COMMITS_PER_WINDOW) / COMMITS_PER_WINDOW;
    long sealedBefore = (number - 1 + run % COMMITS_PER_WINDOW) / COMMITS_PER_WINDOW;
    List<StoredEntry> entries =
        sealed > sealedBefore && number > 1
            ? List.of(new StoredEntry(sealed, new LogEntry.WindowSealed(sealed - 1, window)))
            : List.of();
    return new RunCommit(
        id,
        number,
        new Segment(sealed, sealed + 2, segment),
        sealed,
        sealed,
        entries,
        List.of(),
        null,
        new TreeMap<>(Map.of("producer", new ProducerProgress(number, number, false))),
        null,
        null,
        List.of());
  }

  /** Removes the file. */
  @TearDown
  public void close() throws IOException {
    database.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
