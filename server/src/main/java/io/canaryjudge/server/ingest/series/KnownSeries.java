package io.canaryjudge.server.ingest.series;

import io.canaryjudge.analysis.policy.LabelMatcher;
import java.util.List;

/**
 * Series that say how a server answers, as the instrumentation that is in use names them: what is
 * recognised without any configuration. docs/recognised-series.md lists them for users.
 *
 * <p>Sources: OpenTelemetry semantic conventions 1.2x to 1.40 (HTTP and RPC metrics, stable and
 * before), Micrometer, the Prometheus client libraries' and go-grpc-prometheus' habits, Istio
 * standard metrics, Linkerd proxy metrics, Envoy cluster statistics, ingress-nginx, Traefik.
 *
 * @param name in one spelling, without unit, {@code _total}, {@code _count} and {@code _bucket}
 * @param unit of a histogram's values: "s" or "ms"
 * @param suffix of the unit, as Prometheus spells it; may be empty
 * @param where which of these series are about the requests that the service answered
 * @param statuses how failures are told
 * @param histogram whether its values are durations; else it is a counter
 */
record KnownSeries(
    String name,
    String unit,
    String suffix,
    List<LabelMatcher> where,
    Statuses statuses,
    boolean histogram) {

  /**
   * The first one that comes for an instance is used, and of those that come together the first.
   */
  static final List<KnownSeries> IN_ORDER =
      List.of(
          histogram("http_server_request_duration", "s", Statuses.OTEL_HTTP),
          histogram("rpc_server_call_duration", "s", Statuses.RPC),
          histogram("rpc_server_duration", "ms", Statuses.RPC),
          histogram("http_server_duration", "ms", Statuses.OTEL_HTTP),
          histogram("http_server_requests", "s", Statuses.HTTP),
          histogram("http_request_duration", "s", Statuses.HTTP),
          counter("http_requests", Statuses.HTTP),
          counter("grpc_server_handled", Statuses.RPC),
          histogram("grpc_server_handling", "s", Statuses.RPC),
          counter("istio_requests", Statuses.HTTP).only("reporter", "destination"),
          histogram("istio_request_duration", "ms", Statuses.HTTP).only("reporter", "destination"),
          counter("response", Statuses.LINKERD).only("direction", "inbound"),
          new KnownSeries("response_latency", "ms", "_ms", List.of(), Statuses.LINKERD, true)
              .only("direction", "inbound"),
          counter("envoy_cluster_upstream_rq", Statuses.ENVOY),
          new KnownSeries(
              "envoy_cluster_upstream_rq_time", "ms", "", List.of(), Statuses.ENVOY, true),
          counter("nginx_ingress_controller_requests", Statuses.HTTP),
          histogram("nginx_ingress_controller_request_duration", "s", Statuses.HTTP),
          counter("traefik_service_requests", Statuses.HTTP),
          histogram("traefik_service_request_duration", "s", Statuses.HTTP));

  private static KnownSeries histogram(String name, String unit, Statuses statuses) {
    return new KnownSeries(
        name, unit, unit.equals("s") ? "_seconds" : "_milliseconds", List.of(), statuses, true);
  }

  private static KnownSeries counter(String name, Statuses statuses) {
    return new KnownSeries(name, "1", "", List.of(), statuses, false);
  }

  private KnownSeries only(String label, String value) {
    return new KnownSeries(
        name, unit, suffix, List.of(new LabelMatcher(label, List.of(value))), statuses, histogram);
  }
}
