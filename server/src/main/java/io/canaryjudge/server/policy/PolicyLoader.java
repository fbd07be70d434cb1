package io.canaryjudge.server.policy;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.error.JudgeException;
import io.canaryjudge.server.store.PolicyRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings policies that are files into the store when the server starts. Several servers may start
 * over one database: whoever comes second finds the work done.
 */
public final class PolicyLoader {

  /** Author of the presets. */
  public static final String PRESET_AUTHOR = "canary-judge";

  /** Before the name of the file, the author of a policy that was loaded from one. */
  public static final String FILE_AUTHOR_PREFIX = "file:";

  private static final Logger LOG = LoggerFactory.getLogger(PolicyLoader.class);

  private final Policies policies;

  /** Loads into these. */
  public PolicyLoader(Policies policies) {
    this.policies = policies;
  }

  /**
   * Creates the presets that are not there. One that is there and was shipped with another release
   * gets a revision, unless somebody has changed or deleted it: then it is theirs.
   *
   * @return the revisions that were written
   */
  public List<PolicyRevision> loadPresets() {
    List<PolicyRevision> written = new ArrayList<>();
    for (Policy preset : Presets.all()) {
      PolicyChange change =
          new PolicyChange(PRESET_AUTHOR, "preset " + preset.name(), PRESET_AUTHOR);
      Optional<PolicyRow> current = policies.current(preset.name());
      if (current.isEmpty()) {
        write(() -> policies.create(preset, change, "", false), written);
      } else if (isOlderPreset(current.get(), preset)) {
        write(() -> policies.append(preset, current.get().revision(), change), written);
      }
    }
    return written;
  }

  /** An older release that starts on a newer one's database must not take a preset back. */
  private boolean isOlderPreset(PolicyRow current, Policy preset) {
    return !current.deleted()
        && current.author().equals(PRESET_AUTHOR)
        && !policies.everWas(preset.name(), PolicyWriter.toJson(preset));
  }

  /**
   * Makes what policy files say current: the files are the source, so each that differs from the
   * current revision becomes the next one, whoever wrote that. A policy whose file is gone stays as
   * it is.
   *
   * @param files policies by file name, as {@link PolicyDirectory#read} returns them
   * @return the revisions that were written
   */
  public List<PolicyRevision> loadFiles(SequencedMap<String, Policy> files) {
    List<PolicyRevision> written = new ArrayList<>();
    for (Map.Entry<String, Policy> entry : files.entrySet()) {
      Policy policy = entry.getValue();
      String author = FILE_AUTHOR_PREFIX + entry.getKey();
      PolicyChange change = new PolicyChange(author, "loaded at start", author);
      Optional<PolicyRow> current = policies.current(policy.name());
      if (current.isEmpty() || current.get().deleted()) {
        write(() -> policies.create(policy, change, "", false), written);
      } else if (!current.get().policy().equals(PolicyWriter.toJson(policy))) {
        write(() -> policies.append(policy, current.get().revision(), change), written);
      }
    }
    return written;
  }

  private interface Write {
    PolicyRevision write();
  }

  private static void write(Write write, List<PolicyRevision> written) {
    try {
      PolicyRevision revision = write.write();
      written.add(revision);
      LOG.info(
          "policy loaded, policy={} revision={} author={}",
          revision.policy().name(),
          revision.revision(),
          revision.author());
    } catch (JudgeException e) {
      switch (e.reason()) {
        case POLICY_EXISTS, POLICY_ETAG_MISMATCH, POLICY_DELETED ->
            LOG.info("policy not loaded, somebody else was faster: {}", e.getMessage());
        default -> throw e;
      }
    }
  }
}
