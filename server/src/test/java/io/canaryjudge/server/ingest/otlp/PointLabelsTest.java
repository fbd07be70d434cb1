package io.canaryjudge.server.ingest.otlp;

import static io.canaryjudge.server.ingest.otlp.Exports.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import io.canaryjudge.server.ingest.series.Labels;
import io.canaryjudge.server.ingest.series.Memo;
import io.canaryjudge.server.run.Refusal;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PointLabelsTest {

  private static final InstrumentationScope NO_SCOPE = InstrumentationScope.getDefaultInstance();

  private final Memo<Labels> memo = new Memo<>();

  @Test
  void thePointKnowsBetterThanTheScopeAndTheScopeThanTheResource() throws Exception {
    PointLabels labels =
        labels(
            Resource.newBuilder()
                .addAttributes(attribute("service.name", "collector"))
                .addAttributes(attribute("service.version", "0.1"))
                .addAttributes(attribute("otel.scope.name", "resource"))
                .build(),
            InstrumentationScope.newBuilder()
                .setName("io.example.http")
                .setVersion("2")
                .addAttributes(attribute("flavour", "a"))
                .build());

    assertThat(labels.of(List.of(attribute("service.name", "checkout"))))
        .isEqualTo(
            Labels.of(
                Map.of(
                    "service_name", "checkout",
                    "service_version", "0.1",
                    "otel_scope_name", "io.example.http",
                    "otel_scope_version", "2",
                    "otel_scope_flavour", "a")));
    assertThat(labels.of(List.of()).get("service_name")).isEqualTo("collector");
    assertThat(labels.of(List.of())).isSameAs(labels.of(List.of()));
  }

  @Test
  void valuesOfEveryTypeAreText() throws Exception {
    AnyValue text = AnyValue.newBuilder().setStringValue("a \"b\"\n").build();
    AnyValue whole = AnyValue.newBuilder().setDoubleValue(200).build();
    AnyValue infinite = AnyValue.newBuilder().setDoubleValue(Double.NEGATIVE_INFINITY).build();
    AnyValue bytes =
        AnyValue.newBuilder().setBytesValue(ByteString.copyFrom(new byte[] {1, 2})).build();
    AnyValue nothing = AnyValue.getDefaultInstance();
    AnyValue map =
        AnyValue.newBuilder()
            .setKvlistValue(
                KeyValueList.newBuilder()
                    .addValues(attribute("k", whole))
                    .addValues(attribute("n", infinite)))
            .build();
    AnyValue array =
        AnyValue.newBuilder()
            .setArrayValue(
                ArrayValue.newBuilder()
                    .addValues(text)
                    .addValues(AnyValue.newBuilder().setBoolValue(true))
                    .addValues(AnyValue.newBuilder().setIntValue(-3))
                    .addValues(bytes)
                    .addValues(nothing)
                    .addValues(map))
            .build();
    PointLabels labels = labels(Resource.getDefaultInstance(), NO_SCOPE);

    Labels read =
        labels.of(
            List.of(
                attribute("whole", whole),
                attribute("half", AnyValue.newBuilder().setDoubleValue(0.5).build()),
                attribute("infinite", infinite),
                attribute("int", AnyValue.newBuilder().setIntValue(500).build()),
                attribute("bool", AnyValue.newBuilder().setBoolValue(false).build()),
                attribute("bytes", bytes),
                attribute("array", array),
                attribute(
                    "empty array",
                    AnyValue.newBuilder().setArrayValue(ArrayValue.getDefaultInstance()).build()),
                attribute(
                    "empty map",
                    AnyValue.newBuilder()
                        .setKvlistValue(KeyValueList.getDefaultInstance())
                        .build()),
                attribute("index", AnyValue.newBuilder().setStringValueStrindex(3).build()),
                attribute("nothing", nothing),
                attribute("", "no key")));

    assertThat(read)
        .isEqualTo(
            Labels.of(
                Map.of(
                    "whole", "200",
                    "half", "0.5",
                    "infinite", "-Infinity",
                    "int", "500",
                    "bool", "false",
                    "bytes", "AQI=",
                    "empty_array", "[]",
                    "empty_map", "{}",
                    "array",
                        "[\"a \\\"b\\\"\\u000a\",true,-3,\"AQI=\",null,"
                            + "{\"k\":200,\"n\":\"-Infinity\"}]")));
  }

  @Test
  void longValuesAreShortenedAndStayDifferent() throws Exception {
    String line = "java -cp " + "x".repeat(50_000);
    PointLabels one = ofCommandLine(line + "1");
    PointLabels other = ofCommandLine(line + "2");

    String shortened = one.of(List.of()).get("process_command_line");
    assertThat(shortened)
        .hasSize(PointLabels.MAX_VALUE_LENGTH)
        .startsWith("java -cp xxx")
        .isNotEqualTo(other.of(List.of()).get("process_command_line"));
    assertThat(ofCommandLine(line + "1").of(List.of())).isEqualTo(one.of(List.of()));
  }

  @Test
  void aResourceBeyondTheLimitsHasNoGoodPoints() {
    Resource.Builder resource = Resource.newBuilder();
    for (int i = 0; i < 129; i++) {
      resource.addAttributes(attribute("key" + i, "v"));
    }
    PointLabels labels = labels(resource.build(), NO_SCOPE);

    for (int i = 0; i < 2; i++) {
      assertThatExceptionOfType(BadPoint.class)
          .isThrownBy(() -> labels.of(List.of()))
          .withMessage("resource.attributes: 129 attributes (expected: at most 128)")
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Refusal.LIMIT));
    }
  }

  private PointLabels labels(Resource resource, InstrumentationScope scope) {
    return new PointLabels(resource, scope, memo, new Memo.Key(), _ -> true);
  }

  private PointLabels ofCommandLine(String line) {
    return labels(
        Resource.newBuilder().addAttributes(attribute("process.command_line", line)).build(),
        NO_SCOPE);
  }
}
