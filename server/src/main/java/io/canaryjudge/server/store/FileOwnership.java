package io.canaryjudge.server.store;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The right to an embedded database, held through a lock on a file beside it. Ends with the process
 * however it ends. Beside it, because closing any handle of a file gives up the process's POSIX
 * locks on it, and SQLite has its own there.
 */
final class FileOwnership implements AutoCloseable {

  private final FileChannel channel;

  private FileOwnership(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes it, creating the directory where needed.
   *
   * @throws JudgeException {@code STORE_UNAVAILABLE} if another process has it, or the directory
   *     cannot be written
   */
  static FileOwnership take(Path database) {
    Path lockFile = database.resolveSibling(database.getFileName() + ".lock");
    try {
      Path directory = lockFile.getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      FileChannel channel =
          FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw JudgeException.of(
            ErrorReason.STORE_UNAVAILABLE,
            "open " + database + ": another server has it open (it holds " + lockFile + ")");
      }
      return new FileOwnership(channel);
    } catch (IOException e) {
      throw JudgeException.of(
              ErrorReason.STORE_UNAVAILABLE, "open " + database + ": " + e.getMessage())
          .causedBy(e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) { // held by this very process
      return null;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
