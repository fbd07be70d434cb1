package io.canaryjudge.server;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.policy.EffectivePolicy;
import io.canaryjudge.server.policy.Policies;
import io.canaryjudge.server.policy.PolicyReader;
import io.canaryjudge.server.run.RunPolicies;
import java.util.OptionalLong;

/** The policies as runs see them. */
record PoliciesOfRuns(Policies policies) implements RunPolicies {

  @Override
  public Chosen choose(String name, OptionalLong revision, String overrides) {
    EffectivePolicy chosen = policies.forRun(name, revision, overrides);
    return new Chosen(chosen.name(), chosen.revision(), chosen.json());
  }

  @Override
  public Policy read(String effectivePolicy) {
    return PolicyReader.readStored(effectivePolicy);
  }
}
