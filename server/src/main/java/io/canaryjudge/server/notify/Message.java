package io.canaryjudge.server.notify;

import java.util.SortedMap;

/**
 * What is sent.
 *
 * @param contentType media type of the body
 * @param headers further headers that belong to the form
 * @param body text
 */
record Message(String contentType, SortedMap<String, String> headers, String body) {}
