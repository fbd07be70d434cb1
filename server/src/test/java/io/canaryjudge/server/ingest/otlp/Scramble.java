package io.canaryjudge.server.ingest.otlp;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Random;

/** Sets numbers of a message to others, here and there, that are at the edge of sense. */
final class Scramble {

  private static final double[] DOUBLES = {
    0,
    -0.0,
    1,
    -1,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE,
    Double.MAX_VALUE
  };
  private static final long[] LONGS = {0, 1, -1, 2, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 53};
  private static final int[] INTS = {0, 1, 2, -1, 21, -11, Integer.MAX_VALUE, Integer.MIN_VALUE};

  private Scramble() {}

  /** Changes about one number in eight. */
  static void scramble(Message.Builder message, Random random) {
    for (FieldDescriptor field : message.getAllFields().keySet()) {
      if (field.isRepeated()) {
        for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
          if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            scramble(message.getRepeatedFieldBuilder(field, i), random);
          } else if (random.nextInt(8) == 0) {
            message.setRepeatedField(
                field, i, other(field, message.getRepeatedField(field, i), random));
          }
        }
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        scramble(message.getFieldBuilder(field), random);
      } else if (random.nextInt(8) == 0) {
        message.setField(field, other(field, message.getField(field), random));
      }
    }
  }

  private static Object other(FieldDescriptor field, Object present, Random random) {
    return switch (field.getJavaType()) {
      case INT -> INTS[random.nextInt(INTS.length)];
      case LONG -> LONGS[random.nextInt(LONGS.length)];
      case DOUBLE -> DOUBLES[random.nextInt(DOUBLES.length)];
      case BOOLEAN -> random.nextBoolean();
      case FLOAT, STRING, BYTE_STRING, ENUM, MESSAGE -> present;
    };
  }
}
