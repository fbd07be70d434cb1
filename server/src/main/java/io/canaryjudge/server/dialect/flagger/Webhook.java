package io.canaryjudge.server.dialect.flagger;

import io.canaryjudge.server.dialect.JsonTree;
import io.canaryjudge.server.error.JudgeException;
import java.util.SortedMap;

/**
 * What Flagger posts.
 *
 * @param name of the Canary resource
 * @param namespace it is in
 * @param phase of the rollout, such as {@code Progressing}
 * @param checksum of what is rolled out: another one for another revision
 * @param metadata the strings of the webhook's specification, and those of an event
 */
record Webhook(
    String name,
    String namespace,
    String phase,
    String checksum,
    SortedMap<String, String> metadata) {

  /**
   * Reads a body.
   *
   * @throws JudgeException {@code INVALID_FIELD} with everything that is wrong
   */
  static Webhook parse(String body) {
    JsonTree tree = JsonTree.parse(body);
    Webhook webhook =
        new Webhook(
            tree.requiredText("name"),
            tree.requiredText("namespace"),
            tree.requiredText("phase"),
            tree.requiredText("checksum"),
            tree.textsByKey("metadata"));
    tree.orThrow();
    return webhook;
  }

  /** A string of the metadata, or another one if it is not there. */
  String metadata(String key, String unset) {
    return metadata.getOrDefault(key, unset);
  }
}
