package io.canaryjudge.cli;

/** Arguments that cannot be meant: says which, what came and what was expected. */
final class UsageException extends RuntimeException {

  UsageException(String message) {
    super(message);
  }
}
