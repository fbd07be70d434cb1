package io.canaryjudge.server.policy;

import io.canaryjudge.analysis.policy.Policy;

/**
 * What one run is judged by.
 *
 * @param name of the policy
 * @param revision that the run is pinned to
 * @param policy that revision with the overrides of the run
 * @param json {@code policy} in canonical form; {@link PolicyReader#readStored} reads it
 */
public record EffectivePolicy(String name, long revision, Policy policy, String json) {}
