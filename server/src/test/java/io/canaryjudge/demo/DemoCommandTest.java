package io.canaryjudge.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** The README's first command, end to end: real server, real service, real load. */
class DemoCommandTest {

  // Held here: a logger that nobody refers to forgets its level.
  private static final Logger SERVER = Logger.getLogger("io.canaryjudge.server.Server");

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void endsWithOneGoAndTwoNoGo() {
    var bytes = new ByteArrayOutputStream();
    var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    Queue<String> log = new ConcurrentLinkedQueue<>();
    Handler collector = new CollectingHandler(log);
    SERVER.setLevel(Level.INFO);
    SERVER.addHandler(collector);
    int exit;
    try {
      exit =
          new CommandLine(new DemoCommand(out, false))
              .execute("--exit", "--grpc-port", "0", "--http-port", "0");
    } finally {
      SERVER.removeHandler(collector);
      SERVER.setLevel(null);
    }
    String printed = bytes.toString(StandardCharsets.UTF_8);
    assertThat(exit).as(printed).isZero();
    assertThat(log)
        .anyMatch(line -> line.startsWith("samples: door=grpc received="))
        .noneMatch(line -> line.contains("do not add up"));
    assertThat(printed)
        .containsPattern("✓  checkout 1\\.5\\.0  GO +after +[0-9.]+ s")
        .containsPattern("✓  checkout 1\\.6\\.0  NO_GO +after +[0-9.]+ s")
        .containsPattern("✓  checkout 1\\.7\\.0  NO_GO +after +[0-9.]+ s")
        .contains("deleted at the end")
        .doesNotContain("\u001b");
  }

  @Test
  void aPortThatIsTakenIsSaidSo() {
    var bytes = new ByteArrayOutputStream();
    var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int exit =
        new CommandLine(new DemoCommand(out, false))
            .execute("--exit", "--grpc-port", "70000", "--http-port", "0");
    assertThat(exit).isNotZero();
  }

  private static final class CollectingHandler extends Handler {

    private final Queue<String> lines;

    CollectingHandler(Queue<String> lines) {
      this.lines = lines;
    }

    @Override
    public void publish(LogRecord record) {
      lines.add(new SimpleFormatter().formatMessage(record));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
