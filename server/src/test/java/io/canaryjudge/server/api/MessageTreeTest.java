package io.canaryjudge.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnknownFieldSet;
import io.canaryjudge.analysis.policy.DeadlineFrom;
import io.canaryjudge.analysis.policy.HarmfulDirection;
import io.canaryjudge.analysis.policy.InconclusiveAction;
import io.canaryjudge.analysis.policy.MetricKind;
import io.canaryjudge.analysis.policy.MetricRole;
import io.canaryjudge.analysis.policy.MissingDataAction;
import io.canaryjudge.analysis.policy.PolicySetting;
import io.canaryjudge.proto.v1.MetricPolicy;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.PolicyOverrides;
import io.canaryjudge.proto.v1.Threshold;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.policy.PolicyReader;
import io.canaryjudge.server.policy.PolicyWriter;
import io.canaryjudge.server.policy.ValidPolicies;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MessageTreeTest {

  private static Policy message(io.canaryjudge.analysis.policy.Policy policy) {
    Policy.Builder message = Policy.newBuilder();
    MessageTree.fill(PolicyWriter.toTree(policy), message);
    return message.build();
  }

  private static List<String> violations(Message message) {
    return PolicyReader.read(MessageTree.of(message)).problems().stream()
        .map(FieldViolation::toString)
        .toList();
  }

  private static Policy.Builder complete() throws IOException {
    try (InputStream in =
        PolicyReader.class.getResourceAsStream("/io/canaryjudge/server/policy/complete.yaml")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return message(PolicyReader.read(text).orThrow()).toBuilder();
    }
  }

  @Test
  void aPolicyComesBackFromItsMessage() {
    for (io.canaryjudge.analysis.policy.Policy policy : ValidPolicies.some(300)) {
      assertThat(PolicyReader.read(MessageTree.of(message(policy))).orThrow()).isEqualTo(policy);
    }
  }

  /** A field of the API that the reader or the writer does not know would be lost. */
  @Test
  void eachFieldOfTheMessageIsWritten() throws IOException {
    Policy complete = complete().build();

    assertThat(unset(complete, Set.of("revision", "etag"))).isEmpty();
  }

  /** Fields that no message of the kind has set, in {@code message} and below. */
  private static Set<String> unset(Message message, Set<String> except) {
    Set<String> unset = new TreeSet<>();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      boolean isSet =
          field.isRepeated() ? message.getRepeatedFieldCount(field) > 0 : message.hasField(field);
      if (!isSet && !except.contains(field.getName())) {
        unset.add(field.getFullName());
      }
    }
    for (Object value : message.getAllFields().values()) {
      List<?> values = value instanceof List<?> list ? list : List.of(value);
      Set<String> unsetInAll = null;
      for (Object each : values) {
        if (each instanceof Message nested
            && !(each instanceof Duration || each instanceof Timestamp)) {
          Set<String> unsetHere = unset(nested, except);
          if (unsetInAll == null) {
            unsetInAll = unsetHere;
          } else {
            unsetInAll.retainAll(unsetHere);
          }
        }
      }
      if (unsetInAll != null) {
        unset.addAll(unsetInAll);
      }
    }
    return unset;
  }

  @Test
  void theEnumsOfTheApiAreThoseOfTheJudgement() {
    Map<String, Class<? extends Enum<?>>> types =
        Map.of(
            "MetricKind", MetricKind.class,
            "DeadlineFrom", DeadlineFrom.class,
            "HarmfulDirection", HarmfulDirection.class,
            "MetricRole", MetricRole.class,
            "MissingDataAction", MissingDataAction.class,
            "InconclusiveAction", InconclusiveAction.class,
            "PolicySetting", PolicySetting.class,
            "Weekday", DayOfWeek.class);
    List<EnumDescriptor> inApi = Policy.getDescriptor().getFile().getEnumTypes();

    assertThat(inApi)
        .extracting(EnumDescriptor::getName)
        .containsExactlyInAnyOrderElementsOf(types.keySet());
    for (EnumDescriptor type : inApi) {
      String prefix =
          type.getName().replaceAll("(?<=[a-z])([A-Z])", "_$1").toUpperCase(Locale.ROOT) + "_";
      List<String> names =
          Arrays.stream(types.get(type.getName()).getEnumConstants())
              .map(constant -> prefix + constant.name())
              .toList();
      assertThat(type.getValues())
          .extracting(EnumValueDescriptor::getName)
          .containsExactlyInAnyOrderElementsOf(
              Stream.concat(Stream.of(prefix + "UNSPECIFIED"), names.stream()).toList());
    }
  }

  @Test
  void whatIsUnsetIsNotThere() {
    assertThat(MessageTree.of(Policy.getDefaultInstance())).isEmpty();
    assertThat(MessageTree.of(Threshold.newBuilder().setFloor(0).build()).toString())
        .isEqualTo("{\"floor\":0.0}");
    assertThat(
            MessageTree.of(
                    PolicyOverrides.newBuilder().setDeadline(Duration.getDefaultInstance()).build())
                .toString())
        .isEqualTo("{\"deadline\":\"0s\"}");
  }

  @Test
  void anEmptyMessageLacksWhatIsRequired() {
    assertThat(violations(Policy.getDefaultInstance()))
        .containsExactly(
            "name: missing (expected: [a-z][a-z0-9-]{0,62})",
            "alpha: missing (expected: in (0, 0.5])",
            "beta: missing (expected: in (0, 0.5])",
            "window: missing (expected: 1s to 1h, whole seconds)",
            "metrics: 0 metrics (expected: 1 to 32)");
  }

  @Test
  void refusesWhatALaterReleaseMayHaveMeant() throws IOException {
    Policy.Builder policy = complete();
    policy.setUnknownFields(
        UnknownFieldSet.newBuilder()
            .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build());
    policy.getMetricsBuilder(0).setKindValue(7);
    policy.addOverridable(io.canaryjudge.proto.v1.PolicySetting.POLICY_SETTING_UNSPECIFIED);

    assertThat(violations(policy.build()))
        .containsExactly(
            "metrics[0].kind: \"7\" (expected: one of proportion, distribution)",
            "overridable[6]: \"unspecified\" (expected: one of deadline, warm_up,"
                + " minimum_step_time, traffic_plan, window, lateness)",
            "field 99: unknown key (expected: one of name, description, alpha, beta, window,"
                + " lateness, warm_up, minimum_step_time, deadline, watch_after_go, burst_guard,"
                + " minimum_coverage, instance_coefficient_of_variation, on_missing_data,"
                + " on_inconclusive, metrics, checks, traffic_plan, overridable, require_go_in,"
                + " deployment_windows, freezes)");
  }

  @Test
  void refusesNumbersAndSpansThatAreNone() throws IOException {
    Policy.Builder policy = complete().setAlpha(Double.NaN).setBeta(Double.POSITIVE_INFINITY);
    policy.setWarmUp(Duration.newBuilder().setSeconds(1).setNanos(-1));
    policy.setDeadline(Duration.newBuilder().setNanos(1));
    policy.setLateness(Duration.newBuilder().setSeconds(-5));
    policy.setWatchAfterGo(Duration.newBuilder().setSeconds(315_576_000_000L));

    assertThat(violations(policy.build()))
        .containsExactly(
            "warm_up: \"1 seconds and -1 nanoseconds\" (expected: a duration such as 5s, 250ms, 10m"
                + " or 1h30m, whole milliseconds)",
            "deadline: \"0.000000001s\" (expected: a duration such as 5s, 250ms, 10m or 1h30m,"
                + " whole milliseconds)",
            "alpha: NaN (expected: in (0, 0.5])",
            "beta: Infinity (expected: in (0, 0.5])",
            "lateness: -5s (expected: 0s to 1h)",
            "watch_after_go: 87660000h (expected: 0s to 744h)");
  }

  @Test
  void millisecondsArriveWhole() throws IOException {
    Policy policy = complete().setWarmUp(Duration.newBuilder().setNanos(250_000_000)).build();

    assertThat(PolicyReader.read(MessageTree.of(policy)).orThrow().warmUpMillis()).isEqualTo(250);
  }

  @Test
  void noFieldHasAKindThatATreeCannotHold() {
    for (Descriptor type : Policy.getDescriptor().getFile().getMessageTypes()) {
      assertThat(type.getFields())
          .noneMatch(field -> field.getJavaType() == FieldDescriptor.JavaType.BYTE_STRING)
          .noneMatch(FieldDescriptor::isMapField);
    }
    assertThat(MetricPolicy.getDescriptor().getFields()).isNotEmpty();
  }
}
