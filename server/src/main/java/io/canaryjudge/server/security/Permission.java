package io.canaryjudge.server.security;

/** What a caller may be allowed to do. */
public enum Permission {
  /** Read runs, verdicts, policies and metrics. */
  READ,

  /** Send samples into runs. */
  SEND_SAMPLES,

  /** Open, steer, override and cancel runs. */
  OPERATE,

  /** Create, change and delete policies. */
  ADMIN_POLICIES
}
