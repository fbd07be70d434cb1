package io.canaryjudge.server.run;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.error.JudgeException;
import java.util.OptionalLong;

/** Where runs get their policies from. */
public interface RunPolicies {

  /**
   * What a run is judged by.
   *
   * @param name of the policy
   * @param revision of it
   * @param effectivePolicy canonical JSON of that revision with the run's overrides applied
   */
  record Chosen(String name, long revision, String effectivePolicy) {}

  /**
   * Chooses the policy of a new run.
   *
   * @param name of the policy
   * @param revision of it; empty for the current one
   * @param overrides what the run sets differently, as canonical JSON
   * @throws JudgeException {@code POLICY_NOT_FOUND}, {@code POLICY_DELETED}, {@code
   *     OVERRIDE_NOT_ALLOWED}, {@code POLICY_INVALID}
   */
  Chosen choose(String name, OptionalLong revision, String overrides);

  /** The policy that was {@linkplain Chosen chosen} when the run was created. */
  Policy read(String effectivePolicy);
}
