package io.canaryjudge.server.notify;

/** Is told what becomes of notifications, for metrics. Called by any thread; must not block. */
public interface NotifyAccounting {

  /** Hears nothing. */
  NotifyAccounting NONE =
      new NotifyAccounting() {
        @Override
        public void delivered(String target) {}

        @Override
        public void failed(String target, AttemptOutcome outcome) {}

        @Override
        public void givenUp(String target) {}

        @Override
        public void waiting(String target, long count, long oldestMillis) {}
      };

  /** A target has taken a notification. */
  void delivered(String target);

  /** An attempt failed. */
  void failed(String target, AttemptOutcome outcome);

  /** A notification will not be tried any more. */
  void givenUp(String target);

  /**
   * What waits for a target.
   *
   * @param count how many notifications
   * @param oldestMillis how long the first of them has waited; 0 if there is none
   */
  void waiting(String target, long count, long oldestMillis);
}
