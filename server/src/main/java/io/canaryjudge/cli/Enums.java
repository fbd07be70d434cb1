package io.canaryjudge.cli;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.ProtocolMessageEnum;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Values of the wire's enums as people write them: without the prefix, in either case. */
final class Enums {

  private Enums() {}

  /** "DECISION_NO_GO" as "NO_GO". */
  static String name(EnumDescriptor type, String value) {
    String prefix = type.getName().replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    return value.startsWith(prefix + "_") ? value.substring(prefix.length() + 1) : value;
  }

  static String name(ProtocolMessageEnum value) {
    return name(value.getDescriptorForType(), value.toString());
  }

  /** Reads one of these. */
  static <E extends Enum<E> & ProtocolMessageEnum> E read(
      String option, String text, List<E> choices) {
    String wanted = text.replace('-', '_').toUpperCase(Locale.ROOT);
    return choices.stream()
        .filter(choice -> name(choice).equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    option
                        + ": '"
                        + text
                        + "' (expected: one of "
                        + choices.stream()
                            .map(choice -> name(choice).toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "))
                        + ")"));
  }

  /** All values that may be sent. */
  static <E extends Enum<E> & ProtocolMessageEnum> List<E> sendable(E[] values) {
    return Arrays.stream(values)
        .filter(value -> !value.name().equals("UNRECOGNIZED") && value.getNumber() != 0)
        .toList();
  }
}
