package io.canaryjudge.server.dialect.kayenta;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.server.dialect.JsonTree;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.policy.Policies;
import io.canaryjudge.server.policy.PolicyChange;
import io.canaryjudge.server.policy.PolicyName;
import io.canaryjudge.server.policy.PolicyRevision;
import io.canaryjudge.server.store.Page;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/** Canary configs are policies: what is written is imported, what is read is a view. */
final class CanaryConfigs {

  private static final int MAX_LISTED = 5_000;
  private static final String AUTHOR = "kayenta";
  private static final String REASON = "imported from a canary config of Kayenta";
  private static final String OWN = "own-";

  private final Policies policies;

  CanaryConfigs(Policies policies) {
    this.policies = policies;
  }

  /** All of them, by name; at most some thousand. */
  List<PolicyRevision> all() {
    List<PolicyRevision> all = new ArrayList<>();
    String token = "";
    do {
      Page<PolicyRevision> page = policies.list(1_000, token);
      all.addAll(page.items());
      token = page.nextPageToken();
    } while (!token.isEmpty() && all.size() < MAX_LISTED);
    return all;
  }

  PolicyRevision get(String id) {
    return policies.get(new PolicyName(id, OptionalLong.empty()));
  }

  /** Stores a new policy, and returns its name. */
  String create(PolicyImport imported, String caller) {
    return policies.create(written(imported), change(caller), "", false).policy().name();
  }

  /** Stores a new revision. */
  void update(String id, PolicyImport imported, String caller) {
    PolicyRevision current = get(id);
    policies.update(id, current.etag(), written(imported), Set.of(), change(caller), false);
  }

  void delete(String id, String caller) {
    policies.delete(id, "", false, change(caller));
  }

  /** The policy of a config that came with a request: the same for the same content. */
  String ofRequest(JsonTree config, String caller) {
    ObjectNode policy = written(PolicyImport.of(config));
    String content = policy.toString();
    String digest = UUID.nameUUIDFromBytes(content.getBytes(StandardCharsets.UTF_8)).toString();
    String name = OWN + digest;
    policy.put("name", name);
    try {
      policies.create(policy, change(caller), "", false);
    } catch (JudgeException e) {
      if (e.reason() != ErrorReason.POLICY_EXISTS) {
        throw e;
      }
    }
    return name;
  }

  /** A view that is written back would lose what it does not show. */
  private static ObjectNode written(PolicyImport imported) {
    if (imported.ofView()) {
      throw JudgeException.invalidField(
          "judge.name",
          ConfigJson.JUDGE,
          "a config of Kayenta: this is a view of a policy, which is changed as a policy");
    }
    return imported.policy();
  }

  private static PolicyChange change(String caller) {
    return new PolicyChange(AUTHOR, REASON, caller);
  }
}
