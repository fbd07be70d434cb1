package io.canaryjudge.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A series of a process: one of those that an HTTP server has for each route and status, with the
 * labels that a Kubernetes cluster adds.
 *
 * @param service name of the service
 * @param process number of its process: the even ones are of version 1, the others of version 2
 * @param number of the series in its process
 */
record Series(String service, int process, int number) {

  /** Failures are rare, and as rare in both arms. */
  private static final List<Integer> STATUSES = List.of(200, 201, 204, 404, 503);

  int status() {
    return STATUSES.get(number % STATUSES.size());
  }

  String version() {
    return process % 2 == 0 ? "1" : "2";
  }

  String instance() {
    return service + "-6d5f7b9c8-" + process;
  }

  String route() {
    return "/api/orders/{id}/r" + number / STATUSES.size();
  }

  /** What it counts in a round: none of the two arms is worse. */
  long perRound() {
    return status() >= 500 ? number % 2 : 100;
  }

  /** As Prometheus has them, in order. */
  Map<String, String> labels(String name) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("__name__", name);
    labels.put("code", Integer.toString(status()));
    labels.put("instance", "10.0.%d.%d:8080".formatted(process / 200, process % 200));
    labels.put("job", service);
    labels.put("method", "GET");
    labels.put("namespace", "shop");
    labels.put("path", route());
    labels.put("pod", instance());
    labels.put("version", version());
    return labels;
  }
}
