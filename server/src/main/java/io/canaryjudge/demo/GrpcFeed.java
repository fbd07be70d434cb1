package io.canaryjudge.demo;

import io.canaryjudge.client.DistributionSeries;
import io.canaryjudge.client.ProportionSeries;
import io.canaryjudge.client.SampleProducer;
import io.canaryjudge.client.SeriesSpec;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Feeds a run through {@code Judge.StreamSamples}: two series for each instance. */
final class GrpcFeed implements Feed {

  private record Pair(ProportionSeries errors, DistributionSeries latency) {}

  private final SampleProducer producer;
  private final Map<CheckoutInstance, Pair> series = new ConcurrentHashMap<>();

  GrpcFeed(ManagedChannel channel, String run) {
    // Four times per window, so that a window has everything long before it is sealed.
    producer = SampleProducer.builder(channel, run).flushInterval(Duration.ofMillis(250)).start();
  }

  @Override
  public void observe(Observation observation) {
    Pair pair = series.computeIfAbsent(observation.target(), this::declare);
    pair.errors().record(observation.failed());
    pair.latency().record(observation.seconds());
  }

  @Override
  public void close() {
    producer.close();
  }

  private Pair declare(CheckoutInstance instance) {
    var errors =
        SeriesSpec.of(instance.arm(), instance.name(), DemoPolicy.ERROR_RATE)
            .startedAt(instance.started());
    var latency =
        SeriesSpec.of(instance.arm(), instance.name(), DemoPolicy.LATENCY)
            .startedAt(instance.started());
    return new Pair(producer.proportion(errors), producer.distribution(latency));
  }
}
