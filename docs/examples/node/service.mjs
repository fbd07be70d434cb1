// A service with nothing but OpenTelemetry's SDK: it knows nothing of the judge.
//
//   npm ci
//   OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://judge.internal:8080/v1/metrics \
//   OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf \
//     node service.mjs checkout 1.5.0 checkout-1 0.002
//
// Arguments: name of the service, its version, name of the instance, and the share of requests that
// fail. It answers requests to itself until its standard input is closed.
import { MeterProvider, PeriodicExportingMetricReader, AggregationType } from '@opentelemetry/sdk-metrics';
import { OTLPMetricExporter as JsonExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { createServer, request } from 'node:http';

const [service, version, instance, failures] = process.argv.slice(2);

// The exporters read their endpoint from the environment; which of them is used, they do not.
const json = process.env.OTEL_EXPORTER_OTLP_METRICS_PROTOCOL === 'http/json';
const meters = new MeterProvider({
  resource: resourceFromAttributes({
    'service.name': service,
    'service.version': version,
    'service.instance.id': instance,
  }),
  readers: [
    new PeriodicExportingMetricReader({
      exporter: json ? new JsonExporter() : new ProtobufExporter(),
      exportIntervalMillis: Number(process.env.OTEL_METRIC_EXPORT_INTERVAL ?? 5_000),
      exportTimeoutMillis: Number(process.env.OTEL_METRIC_EXPORT_INTERVAL ?? 5_000),
    }),
  ],
  views: [
    {
      instrumentName: 'http.server.request.duration',
      aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
    },
  ],
});
const duration = meters
  .getMeter('service')
  .createHistogram('http.server.request.duration', { unit: 's' });

const server = createServer((incoming, answer) => {
  const start = process.hrtime.bigint();
  setTimeout(() => {
    answer.statusCode = Math.random() < Number(failures) ? 500 : 200;
    answer.end();
    duration.record(Number(process.hrtime.bigint() - start) / 1e9, {
      'http.request.method': incoming.method,
      'http.route': '/checkout',
      'http.response.status_code': answer.statusCode,
      'url.scheme': 'http',
    });
  }, 5 + 20 * Math.random());
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const users = setInterval(() => {
    request({ port, host: '127.0.0.1', path: '/checkout' }, (answer) => answer.resume())
      .on('error', () => {}) // it is stopping
      .end();
  }, 10);
  process.stdin.resume().on('end', async () => {
    clearInterval(users);
    await meters.shutdown(); // sends what is left
    process.exit(0);
  });
});
