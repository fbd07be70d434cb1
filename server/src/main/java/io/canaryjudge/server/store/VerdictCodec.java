package io.canaryjudge.server.store;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.canaryjudge.analysis.policy.RequiredCheck;
import io.canaryjudge.analysis.policy.Tolerance;
import io.canaryjudge.analysis.verdict.Verdict;
import java.io.IOException;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Verdicts as JSON that people can read in the database, and that gives back each double to the
 * bit: numbers in the shortest form that identifies them, {@code "NaN"} and {@code "Infinity"} as
 * texts.
 *
 * <p>A field that is not known is skipped, so that a server can read what its successor wrote. A
 * field that is missing is an error: nothing that decides has a default here. What a later release
 * added is filled in with what it was before, field by field.
 */
final class VerdictCodec {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .visibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.NONE)
          .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
          .visibility(PropertyAccessor.CREATOR, JsonAutoDetect.Visibility.ANY)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .addMixIn(Tolerance.class, ToleranceForm.class)
          .addModule(optionals())
          .build();

  private VerdictCodec() {}

  static String encode(Verdict verdict) {
    try {
      return JSON.writeValueAsString(verdict);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("verdict " + verdict.revision(), e);
    }
  }

  /**
   * The verdict that became this text.
   *
   * @throws IOException if it is not one
   */
  static Verdict decode(String json) throws IOException {
    JsonNode tree = JSON.readTree(json);
    for (JsonNode check : tree.path("checks")) {
      addIfMissing(check, "beforeStep", IntNode.valueOf(RequiredCheck.NO_STEP));
      addIfMissing(check, "deadlineMillis", IntNode.valueOf(0));
    }
    for (JsonNode metric : tree.path("metrics")) {
      addIfMissing(metric.path("metric"), "strata", NullNode.instance);
      for (JsonNode source : metric.path("metric").path("sources")) {
        addIfMissing(source, "failureSeries", TextNode.valueOf(""));
      }
      for (JsonNode threshold : metric.path("thresholds")) {
        addIfMissing(threshold, "drivingStratum", NullNode.instance);
      }
    }
    return JSON.treeToValue(tree, Verdict.class);
  }

  private static void addIfMissing(JsonNode node, String field, JsonNode value) {
    if (node instanceof ObjectNode object && !object.has(field)) {
      object.set(field, value);
    }
  }

  /** Says which tolerance it is. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "form")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Tolerance.Limit.class, name = "limit"),
    @JsonSubTypes.Type(value = Tolerance.Change.class, name = "change")
  })
  private interface ToleranceForm {}

  private static SimpleModule optionals() {
    SimpleModule module = new SimpleModule("optionals");
    module.addSerializer(
        OptionalDouble.class,
        new StdSerializer<>(OptionalDouble.class) {
          @Override
          public void serialize(OptionalDouble value, JsonGenerator out, SerializerProvider context)
              throws IOException {
            if (value.isPresent()) {
              out.writeNumber(value.getAsDouble());
            } else {
              out.writeNull();
            }
          }
        });
    module.addDeserializer(
        OptionalDouble.class,
        new StdDeserializer<>(OptionalDouble.class) {
          @Override
          public OptionalDouble deserialize(JsonParser in, DeserializationContext context)
              throws IOException {
            return OptionalDouble.of(context.readValue(in, Double.class));
          }

          @Override
          public OptionalDouble getNullValue(DeserializationContext context) {
            return OptionalDouble.empty();
          }
        });
    module.addSerializer(
        OptionalLong.class,
        new StdSerializer<>(OptionalLong.class) {
          @Override
          public void serialize(OptionalLong value, JsonGenerator out, SerializerProvider context)
              throws IOException {
            if (value.isPresent()) {
              out.writeNumber(value.getAsLong());
            } else {
              out.writeNull();
            }
          }
        });
    module.addDeserializer(
        OptionalLong.class,
        new StdDeserializer<>(OptionalLong.class) {
          @Override
          public OptionalLong deserialize(JsonParser in, DeserializationContext context)
              throws IOException {
            return OptionalLong.of(in.getLongValue());
          }

          @Override
          public OptionalLong getNullValue(DeserializationContext context) {
            return OptionalLong.empty();
          }
        });
    return module;
  }
}
