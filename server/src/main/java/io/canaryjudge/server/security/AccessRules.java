package io.canaryjudge.server.security;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What each operation needs. An operation is an RPC by its full name, or an HTTP route that is not
 * the view of an RPC by method and path. What is not in here is refused to everybody.
 */
public final class AccessRules {

  private static final String JUDGE = "canary.judge.v1.Judge/";
  private static final String POLICIES = "canary.judge.v1.PolicyService/";

  /** Callers need not show who they are. */
  private static final Set<String> PUBLIC =
      Set.of(
          "grpc.health.v1.Health/Check",
          "grpc.health.v1.Health/Watch",
          "GET /",
          "GET /health/live",
          "GET /health/ready",
          "GET /openapi.json",
          "GET /openapi.yaml");

  private static final Map<String, Permission> NEEDS =
      Map.ofEntries(
          Map.entry(JUDGE + "CreateAnalysisRun", Permission.OPERATE),
          Map.entry(JUDGE + "GetAnalysisRun", Permission.READ),
          Map.entry(JUDGE + "ListAnalysisRuns", Permission.READ),
          Map.entry(JUDGE + "StreamSamples", Permission.SEND_SAMPLES),
          Map.entry(JUDGE + "GetVerdict", Permission.READ),
          Map.entry(JUDGE + "WatchVerdict", Permission.READ),
          Map.entry(JUDGE + "ListVerdicts", Permission.READ),
          Map.entry(JUDGE + "ReplayAnalysisRun", Permission.READ),
          Map.entry(JUDGE + "ReportStep", Permission.OPERATE),
          Map.entry(JUDGE + "ReportCheck", Permission.OPERATE),
          Map.entry(JUDGE + "OverrideVerdict", Permission.OPERATE),
          Map.entry(JUDGE + "CancelAnalysisRun", Permission.OPERATE),
          Map.entry(POLICIES + "CreatePolicy", Permission.ADMIN_POLICIES),
          Map.entry(POLICIES + "GetPolicy", Permission.READ),
          Map.entry(POLICIES + "ListPolicies", Permission.READ),
          Map.entry(POLICIES + "UpdatePolicy", Permission.ADMIN_POLICIES),
          Map.entry(POLICIES + "DeletePolicy", Permission.ADMIN_POLICIES),
          Map.entry(POLICIES + "ListPolicyRevisions", Permission.READ),
          Map.entry(POLICIES + "LintPolicy", Permission.READ),
          Map.entry(POLICIES + "CheckMetricSources", Permission.READ),
          Map.entry("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Permission.READ),
          Map.entry(
              "opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
              Permission.SEND_SAMPLES),
          Map.entry("POST /v1/metrics", Permission.SEND_SAMPLES),
          Map.entry("POST /api/v1/write", Permission.SEND_SAMPLES),
          Map.entry("GET /notifications", Permission.READ),
          Map.entry("POST /notifications/{id}/retry", Permission.OPERATE),
          Map.entry("GET /kayenta/credentials", Permission.READ),
          Map.entry("GET /kayenta/judges", Permission.READ),
          // Judges what it is sent, and keeps nothing.
          Map.entry("POST /kayenta/judge", Permission.READ),
          Map.entry("POST /kayenta/import", Permission.READ),
          // A config of the request's own becomes a policy.
          Map.entry("POST /kayenta/canary", Permission.ADMIN_POLICIES),
          Map.entry("POST /kayenta/standalone_canary_analysis", Permission.ADMIN_POLICIES),
          Map.entry("GET /metrics", Permission.READ));

  private AccessRules() {}

  /** Whether an operation is open to callers without credentials. */
  static boolean isPublic(String operation) {
    return PUBLIC.contains(operation);
  }

  /** What an operation needs; empty if it is public or has no rule. */
  static Optional<Permission> needed(String operation) {
    return Optional.ofNullable(NEEDS.get(operation));
  }

  /**
   * All rules, by operation; empty for those that need nothing. For the documentation and for the
   * test that no operation is without one.
   */
  public static Map<String, Optional<Permission>> all() {
    Map<String, Optional<Permission>> all = new TreeMap<>();
    PUBLIC.forEach(operation -> all.put(operation, Optional.empty()));
    NEEDS.forEach((operation, permission) -> all.put(operation, Optional.of(permission)));
    return all;
  }
}
