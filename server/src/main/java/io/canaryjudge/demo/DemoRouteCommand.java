package io.canaryjudge.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a service mesh or a load balancer is elsewhere: sets the canary's share of the traffic. */
@Command(
    name = "route",
    description = "Sets the canary's share of the traffic of a running 'demo service'.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DemoRouteCommand implements Callable<Integer> {

  private static final int EXIT_UNAVAILABLE = 69;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "PERCENT", description = "The canary's share, in whole percent.")
  private int percent;

  @Option(
      names = "--run",
      paramLabel = "RUN",
      defaultValue = "${env:CANARY_JUDGE_RUN:-}",
      description = "The run that what is seen of the traffic is sent to. Else CANARY_JUDGE_RUN.")
  private String run = "";

  @Option(
      names = "--control",
      paramLabel = "HOST:PORT",
      defaultValue = "${env:DEMO_CONTROL:-127.0.0.1:" + DemoServiceCommand.CONTROL_PORT + "}",
      description = "Where 'demo service' listens. Else DEMO_CONTROL, else ${DEFAULT-VALUE}.")
  private String control = "";

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(
                      URI.create("http://%s/route/%d/%s".formatted(control, percent, run)))
                  .timeout(Duration.ofSeconds(30))
                  .POST(BodyPublishers.noBody())
                  .build(),
              BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        err.print("demo service: " + answer.body());
        err.flush();
        return EXIT_UNAVAILABLE;
      }
      return 0;
    } catch (IOException e) {
      err.println("no 'demo service' answers at " + control + ": " + e);
      err.flush();
      return EXIT_UNAVAILABLE;
    }
  }
}
