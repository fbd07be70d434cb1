package io.canaryjudge.analysis.policy;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Copies of nested records with one value replaced, named by its path: {@code a.b[1].c}. */
final class Edited {

  private Edited() {}

  static Policy with(Policy policy, String path, Object value) {
    return (Policy) replaced(policy, List.of(path.split("\\.|(?=\\[)")), value);
  }

  private static Object replaced(Object original, List<String> path, Object value) {
    if (path.isEmpty()) {
      return value;
    }
    String step = path.getFirst();
    List<String> rest = path.subList(1, path.size());
    if (original instanceof List<?> list) {
      int index = Integer.parseInt(step.substring(1, step.length() - 1));
      List<Object> copy = new ArrayList<>(list);
      copy.set(index, replaced(list.get(index), rest, value));
      return copy;
    }
    try {
      RecordComponent[] components = original.getClass().getRecordComponents();
      Object[] values = new Object[components.length];
      boolean found = false;
      for (int i = 0; i < components.length; i++) {
        values[i] = components[i].getAccessor().invoke(original);
        if (components[i].getName().equals(step)) {
          values[i] = replaced(values[i], rest, value);
          found = true;
        }
      }
      if (!found) {
        throw new IllegalArgumentException(original.getClass() + " has no " + step);
      }
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<?> constructor = original.getClass().getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
