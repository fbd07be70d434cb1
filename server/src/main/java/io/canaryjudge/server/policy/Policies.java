package io.canaryjudge.server.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.AuditRow;
import io.canaryjudge.server.store.Page;
import io.canaryjudge.server.store.PolicyDraft;
import io.canaryjudge.server.store.PolicyRow;
import io.canaryjudge.server.store.PolicyStore;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/**
 * All policies: what the doors and the runs use. Names are without {@code policies/}.
 *
 * <p>Methods may wait for the database, so they are called on virtual threads. Besides what is
 * named at each, they throw a {@link JudgeException} of reason {@code STORE_UNAVAILABLE}.
 */
public final class Policies {

  private static final String ETAG_EXPECTED = "the etag of the policy that was read";

  private final PolicyStore store;
  private final InstantSource clock;

  /** Uses policies that are kept in a store. */
  public Policies(PolicyStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * Creates a policy and its first revision, or takes up a deleted one with its next.
   *
   * @param tree the policy, for {@link PolicyReader#read(JsonNode)}
   * @param requestId a UUID that makes a repeat harmless; empty for none
   * @param validateOnly check and answer, but write nothing
   * @return the new revision; for a repeat, what the first one returned
   * @throws JudgeException {@code POLICY_INVALID} or {@code INVALID_FIELD} with every violation,
   *     {@code POLICY_EXISTS}, {@code REQUEST_ID_REUSED}
   */
  public PolicyRevision create(
      JsonNode tree, PolicyChange change, String requestId, boolean validateOnly) {
    List<FieldViolation> ofRequest = new ArrayList<>(change.violations());
    if (!requestId.isEmpty() && !isUuid(requestId)) {
      ofRequest.add(new FieldViolation("request_id", requestId, "a UUID"));
    }
    return create(valid(PolicyReader.read(tree), ofRequest), change, requestId, validateOnly);
  }

  PolicyRevision create(
      Policy policy, PolicyChange change, String requestId, boolean validateOnly) {
    Optional<PolicyRow> current = store.current(policy.name());
    long revision = current.map(PolicyRow::revision).orElse(0L) + 1;
    PolicyDraft draft = draft(policy, revision, change);
    if (validateOnly) {
      if (current.isPresent() && !current.get().deleted()) {
        throw JudgeException.of(
            ErrorReason.POLICY_EXISTS, PolicyName.of(policy.name()) + " exists");
      }
      return notStored(policy, revision, draft);
    }
    String fingerprint = digest(draft.policy(), change.author(), change.reason());
    return PolicyRevision.of(
        store.create(requestId, fingerprint, draft, audit("policy.create", draft, change)));
  }

  /**
   * Appends a revision with some values replaced.
   *
   * @param name of the policy
   * @param etag of the revision that was read
   * @param replacement values by key, as in a policy file; a key that is to be replaced and is not
   *     there takes its default
   * @param keys which to replace, each a key of a policy file; empty for all
   * @param validateOnly check and answer, but write nothing
   * @return the new revision
   * @throws JudgeException {@code POLICY_INVALID} or {@code INVALID_FIELD} with every violation,
   *     {@code POLICY_NOT_FOUND}, {@code POLICY_DELETED}, {@code POLICY_ETAG_MISMATCH}
   */
  public PolicyRevision update(
      String name,
      String etag,
      ObjectNode replacement,
      Set<String> keys,
      PolicyChange change,
      boolean validateOnly) {
    List<FieldViolation> ofRequest = new ArrayList<>(change.violations());
    if (etag.isEmpty()) {
      ofRequest.add(new FieldViolation("policy.etag", "missing", ETAG_EXPECTED));
    }
    refuse(ErrorReason.INVALID_FIELD, ofRequest);
    PolicyRow current = notDeleted(name);
    if (!current.etag().equals(etag)) {
      throw mismatch(current);
    }
    ObjectNode tree = PolicyWriter.toTree(PolicyReader.readStored(current.policy()));
    if (keys.isEmpty()) {
      tree = replacement.deepCopy();
    } else {
      tree.remove(keys);
      for (String key : keys) {
        tree.setAll(replacement.deepCopy().retain(key));
      }
    }
    tree.put("name", name);
    Policy policy = valid(PolicyReader.read(tree), List.of());
    PolicyDraft draft = draft(policy, current.revision() + 1, change);
    return validateOnly
        ? notStored(policy, current.revision() + 1, draft)
        : PolicyRevision.of(
            store.append(draft, current.revision(), audit("policy.update", draft, change)));
  }

  /**
   * Ends a policy for new runs. Its revisions stay readable.
   *
   * @param etag of the revision that was read; empty to delete whatever is current
   * @param allowMissing whether it is no error if there is no such policy
   * @throws JudgeException {@code INVALID_FIELD}, {@code POLICY_NOT_FOUND}, {@code
   *     POLICY_ETAG_MISMATCH}
   */
  public void delete(String name, String etag, boolean allowMissing, PolicyChange change) {
    refuse(ErrorReason.INVALID_FIELD, change.violations());
    Optional<PolicyRow> current = store.current(name).filter(row -> !row.deleted());
    if (current.isEmpty()) {
      if (allowMissing) {
        return;
      }
      throw notFound(PolicyName.of(name));
    }
    PolicyRow row = current.get();
    if (!etag.isEmpty() && !row.etag().equals(etag)) {
      throw mismatch(row);
    }
    long now = clock.millis();
    store.delete(
        name,
        row.revision(),
        change.author(),
        change.reason(),
        now,
        audit(now, "policy.delete", name, change));
  }

  /**
   * A policy as it is now, or as it was.
   *
   * @throws JudgeException {@code POLICY_NOT_FOUND}, also for the current state of a deleted policy
   */
  public PolicyRevision get(PolicyName name) {
    Optional<PolicyRow> row =
        name.revision().isPresent()
            ? store.revision(name.policy(), name.revision().getAsLong())
            : store.current(name.policy()).filter(current -> !current.deleted());
    return row.map(PolicyRevision::of)
        .orElseThrow(
            () ->
                notFound(
                    name.revision().isPresent()
                        ? PolicyName.of(name.policy(), name.revision().getAsLong())
                        : PolicyName.of(name.policy())));
  }

  /**
   * Current policies, by name.
   *
   * @param pageSize at most so many, in [1, 1000]
   * @param pageToken of the page before; empty for the first
   * @throws JudgeException {@code INVALID_FIELD} if the token is not one of this list
   */
  public Page<PolicyRevision> list(int pageSize, String pageToken) {
    return revisions(store.list(pageSize, pageToken));
  }

  /**
   * Revisions of one policy, newest first.
   *
   * @param pageSize at most so many, in [1, 1000]
   * @param pageToken of the page before; empty for the first
   * @throws JudgeException {@code POLICY_NOT_FOUND}, {@code INVALID_FIELD} if the token is not one
   *     of this list
   */
  public Page<PolicyRevision> revisions(String name, int pageSize, String pageToken) {
    Page<PolicyRow> page = store.revisions(name, pageSize, pageToken);
    if (page.items().isEmpty() && pageToken.isEmpty()) {
      throw notFound(PolicyName.of(name));
    }
    return revisions(page);
  }

  /**
   * What a new run is judged by.
   *
   * @param name of the policy
   * @param revision that the run asks for; empty for the current one
   * @param overrides what the run sets differently, as a JSON object; <code>{}</code> for nothing
   * @throws JudgeException {@code POLICY_NOT_FOUND}, {@code POLICY_DELETED}, {@code
   *     OVERRIDE_NOT_ALLOWED}, {@code INVALID_FIELD} for an override that makes no sense, {@code
   *     POLICY_INVALID} if the rules have become stricter since that revision was written
   */
  public EffectivePolicy forRun(String name, OptionalLong revision, String overrides) {
    PolicyRow row = notDeleted(name);
    if (revision.isPresent() && revision.getAsLong() != row.revision()) {
      String asked = PolicyName.of(name, revision.getAsLong());
      row = store.revision(name, revision.getAsLong()).orElseThrow(() -> notFound(asked));
      if (row.deleted()) {
        throw deleted(row);
      }
    }
    Policy stored = PolicyReader.read(row.policy()).orThrow();
    Policy effective = PolicyOverrides.apply(stored, overrides);
    return new EffectivePolicy(name, row.revision(), effective, PolicyWriter.toJson(effective));
  }

  /** The newest revision as it is stored, which may be a deletion. */
  Optional<PolicyRow> current(String name) {
    return store.current(name);
  }

  /** Whether some revision of a policy has this canonical content. */
  boolean everWas(String name, String json) {
    String token = "";
    do {
      Page<PolicyRow> page = store.revisions(name, 1_000, token);
      if (page.items().stream().anyMatch(row -> row.policy().equals(json))) {
        return true;
      }
      token = page.nextPageToken();
    } while (!token.isEmpty());
    return false;
  }

  /** Appends a revision to the one that was read. */
  PolicyRevision append(Policy policy, long expectedRevision, PolicyChange change) {
    PolicyDraft draft = draft(policy, expectedRevision + 1, change);
    return PolicyRevision.of(
        store.append(draft, expectedRevision, audit("policy.update", draft, change)));
  }

  private static Policy valid(PolicyReading reading, List<FieldViolation> ofRequest) {
    List<FieldViolation> all = new ArrayList<>(ofRequest);
    all.addAll(reading.problems());
    boolean byRequest = reading.problems().isEmpty();
    refuse(byRequest ? ErrorReason.INVALID_FIELD : ErrorReason.POLICY_INVALID, all);
    return reading.orThrow();
  }

  private static void refuse(ErrorReason reason, List<FieldViolation> violations) {
    if (!violations.isEmpty()) {
      throw JudgeException.invalid(reason, violations);
    }
  }

  private PolicyRow notDeleted(String name) {
    PolicyRow row = store.current(name).orElseThrow(() -> notFound(PolicyName.of(name)));
    if (row.deleted()) {
      throw deleted(row);
    }
    return row;
  }

  private PolicyDraft draft(Policy policy, long revision, PolicyChange change) {
    String json = PolicyWriter.toJson(policy);
    long now = clock.millis();
    // Of the revision too: a policy that changes back must not take an etag from before.
    String etag = digest(policy.name(), Long.toString(revision), Long.toString(now), json);
    return new PolicyDraft(policy.name(), json, etag, change.author(), change.reason(), now);
  }

  private static PolicyRevision notStored(Policy policy, long revision, PolicyDraft draft) {
    return new PolicyRevision(
        policy,
        revision,
        draft.etag(),
        draft.author(),
        draft.reason(),
        draft.createMillis(),
        false);
  }

  private static Page<PolicyRevision> revisions(Page<PolicyRow> page) {
    return new Page<>(page.items().stream().map(PolicyRevision::of).toList(), page.nextPageToken());
  }

  private static AuditRow audit(String action, PolicyDraft draft, PolicyChange change) {
    return audit(draft.createMillis(), action, draft.name(), change);
  }

  private static AuditRow audit(long atMillis, String action, String name, PolicyChange change) {
    String detail = change.author() + ": " + change.reason();
    return new AuditRow(atMillis, change.caller(), action, PolicyName.of(name), detail);
  }

  private static JudgeException notFound(String name) {
    return JudgeException.of(ErrorReason.POLICY_NOT_FOUND, "there is no " + name);
  }

  private static JudgeException deleted(PolicyRow row) {
    return JudgeException.of(
        ErrorReason.POLICY_DELETED,
        PolicyName.of(row.name(), row.revision()) + " is a deletion: the policy takes no new runs");
  }

  private static JudgeException mismatch(PolicyRow current) {
    return JudgeException.of(
            ErrorReason.POLICY_ETAG_MISMATCH,
            "somebody else was faster: read "
                + PolicyName.of(current.name())
                + " again, now at revision "
                + current.revision()
                + ", and redo the change")
        .with("current_revision", Long.toString(current.revision()));
  }

  private static boolean isUuid(String text) {
    try {
      return UUID.fromString(text).toString().equalsIgnoreCase(text);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** 128 bits of a hash over all parts, each with its length, so that no two lists collide. */
  private static String digest(String... parts) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        sha.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
        sha.update(bytes);
      }
      return HexFormat.of().formatHex(sha.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
