package io.canaryjudge.cli;

import io.canaryjudge.client.JudgeCallException;

/** What the exit code of a command says. Only 0 means that it is fine to go on. */
public final class ExitCodes {

  /** GO; for a command that decides nothing: done. */
  public static final int GO = 0;

  /** NO_GO; for a comparison: it differs. */
  public static final int NO_GO = 1;

  /** INCONCLUSIVE, or the run was cancelled. */
  public static final int INCONCLUSIVE = 2;

  /** No decision in time, or none yet. */
  public static final int TIMEOUT = 3;

  /** Wrong arguments. */
  public static final int USAGE = 4;

  /** The judge is out of reach. */
  public static final int UNREACHABLE = 5;

  /** The judge refused: there is no such run, a field is wrong. */
  public static final int REFUSED = 6;

  /** The judge asks for credentials, or those that it got do not suffice. */
  public static final int NOT_ALLOWED = 7;

  /** A defect of this program. EX_SOFTWARE of sysexits.h; never 1, which would say NO_GO. */
  public static final int SOFTWARE = 70;

  private ExitCodes() {}

  /** The exit code of a call that failed. */
  static int of(JudgeCallException failure) {
    return switch (failure.code()) {
      case UNAUTHENTICATED, PERMISSION_DENIED -> NOT_ALLOWED;
      case OK,
          ABORTED,
          OUT_OF_RANGE,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          FAILED_PRECONDITION,
          UNIMPLEMENTED,
          RESOURCE_EXHAUSTED,
          UNAVAILABLE,
          UNKNOWN,
          INTERNAL,
          CANCELLED,
          DEADLINE_EXCEEDED,
          DATA_LOSS ->
          failure.mayPass() ? UNREACHABLE : REFUSED;
    };
  }
}
