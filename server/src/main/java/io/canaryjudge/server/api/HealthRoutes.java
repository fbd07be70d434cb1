package io.canaryjudge.server.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether the process lives, and whether it should be sent calls. The answers name each check, and
 * nothing that a stranger should not know.
 */
public final class HealthRoutes implements RouteGroup {

  // Probes ask every few seconds: one that hangs must be answered before the next.
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Something without which no call can be answered.
   *
   * @param name a word
   * @param check returns if it is there, throws if not
   */
  public record ReadinessCheck(String name, Runnable check) {}

  private final Availability availability;
  private final List<ReadinessCheck> checks;

  /** Ready when every check passes and the server is neither starting nor stopping. */
  public HealthRoutes(Availability availability, List<ReadinessCheck> checks) {
    this.availability = availability;
    this.checks = List.copyOf(checks);
  }

  @Override
  public List<HttpRoute> routes() {
    return List.of(
        HttpRoute.system("GET", "/health/live", HealthRoutes::live),
        HttpRoute.system("GET", "/health/ready", this::ready));
  }

  private static void live(HttpCall call) {
    answer(call, true, JSON.createArrayNode());
  }

  private void ready(HttpCall call) {
    ArrayNode results = JSON.createArrayNode();
    boolean all = add(results, "serving", availability.state() == Availability.State.READY);
    for (ReadinessCheck check : checks) {
      all &= add(results, check.name(), passes(check));
    }
    answer(call, all, results);
  }

  private static boolean passes(ReadinessCheck check) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("readiness " + check.name())
        .start(
            () -> {
              try {
                check.check().run();
                result.complete(null);
              } catch (RuntimeException e) {
                result.completeExceptionally(e);
              }
            });
    try {
      result.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException _) {
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static boolean add(ArrayNode results, String name, boolean up) {
    results.addObject().put("name", name).put("status", up ? "UP" : "DOWN");
    return up;
  }

  private static void answer(HttpCall call, boolean up, ArrayNode checks) {
    ObjectNode body = JSON.createObjectNode().put("status", up ? "UP" : "DOWN");
    body.set("checks", checks);
    call.answer(
        up ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503,
        HttpCall.JSON,
        body.toString().getBytes(StandardCharsets.UTF_8));
  }
}
