package io.canaryjudge.demo;

import io.grpc.ManagedChannel;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The ways for observations to get into a run. */
enum FeedKind {
  GRPC("the judge's own API, each observation counted once"),
  OTLP_GRPC("OpenTelemetry over gRPC, as a service's SDK exports"),
  OTLP_HTTP("OpenTelemetry over HTTP, as a service's SDK exports"),
  REMOTE_WRITE("Prometheus remote write 1.0"),
  PROMETHEUS("a Prometheus that scrapes the service and writes to the judge"),
  PROMETHEUS_PULL("a Prometheus that scrapes the service and that the judge asks");

  private final String description;

  FeedKind(String description) {
    this.description = description;
  }

  /** For people. */
  String description() {
    return description;
  }

  /** As on the command line. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether it takes a Prometheus. */
  boolean needsPrometheus() {
    return this == PROMETHEUS || this == PROMETHEUS_PULL;
  }

  /**
   * Feeds the judge that is behind a channel and a URL.
   *
   * @param prometheusPort where the judge looks for a Prometheus, if it is to ask one
   */
  Feed.Factory factory(ManagedChannel channel, String httpUrl, int prometheusPort) {
    return switch (this) {
      case GRPC -> (run, _) -> new GrpcFeed(channel, run);
      case OTLP_GRPC -> (_, instances) -> new PushFeed(instances, OtlpSender.overGrpc(channel));
      case OTLP_HTTP -> (_, instances) -> new PushFeed(instances, OtlpSender.overHttp(httpUrl));
      case REMOTE_WRITE ->
          (_, instances) -> new PushFeed(instances, new RemoteWriteSender(httpUrl));
      case PROMETHEUS ->
          (_, instances) ->
              PrometheusFeed.start(
                  instances, PrometheusFeed.writingTo(httpUrl), PrometheusFeed.freePort());
      case PROMETHEUS_PULL -> (_, instances) -> PrometheusFeed.start(instances, "", prometheusPort);
    };
  }

  /** Reads the option. */
  static final class Converter implements ITypeConverter<FeedKind> {

    @Override
    public FeedKind convert(String value) {
      return Arrays.stream(values())
          .filter(kind -> kind.label().equals(value))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "'%s' (expected: %s)"
                          .formatted(
                              value,
                              Arrays.stream(values())
                                  .map(FeedKind::label)
                                  .collect(Collectors.joining(", ")))));
    }
  }
}
