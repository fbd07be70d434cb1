package io.canaryjudge.server;

import io.canaryjudge.proto.v1.Arm;

/**
 * What an instance served in one interval.
 *
 * @param endMillis end of the interval, epoch milliseconds
 * @param arm its arm
 * @param instance its name
 * @param failures how many of the requests failed
 * @param latencies of all requests, failed ones included
 */
record Served(long endMillis, Arm arm, String instance, long failures, Latencies latencies) {}
