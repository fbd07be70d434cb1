package io.canaryjudge.server.notify;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Something that happened to a run.
 *
 * @param id its identity: the same for every receiver, every attempt and after every crash
 * @param kind what happened
 * @param facts what is known of it, as in docs/notifications.md
 */
record RunEvent(String id, EventKind kind, ObjectNode facts) {}
