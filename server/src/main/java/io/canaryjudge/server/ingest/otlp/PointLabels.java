package io.canaryjudge.server.ingest.otlp;

import io.canaryjudge.server.ingest.series.Labels;
import io.canaryjudge.server.ingest.series.Memo;
import io.canaryjudge.server.run.Refusal;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The labels of the points of one scope: what resource and scope say, made once, and over it what
 * each point says.
 *
 * <p>On the same key the point wins over the scope, and the scope over the resource. A point knows
 * best what it counts: the resource of a metric that a Collector derived from spans is the
 * Collector's, while its points name the service. Prometheus decides likewise.
 *
 * <p>The scope is part of what tells series apart, since two instrumentations of one process may
 * both count requests under one name. Its labels are {@code otel_scope_name}, {@code
 * otel_scope_version}, and {@code otel_scope_} before the keys of its attributes.
 */
final class PointLabels {

  static final int MAX_LABELS = 128;
  static final int MAX_KEY_LENGTH = 256;
  static final int MAX_VALUE_LENGTH = 1_024;

  private static final String SCOPE = "otel_scope_";

  /** What points share is kept with each of them, in bytes; more is put together each time. */
  private static final int MAX_KEPT_WEIGHT = 8_192;

  private final Resource resource;
  private final InstrumentationScope scope;
  private final Memo<Labels> memo;
  private final Memo.Key key;
  private final Predicate<Labels> isKnown;
  private boolean memorable;
  private @Nullable Labels shared;
  private int sharedWeight;
  private @Nullable BadPoint bad;

  /**
   * Those of one scope.
   *
   * @param memo labels that were made before
   * @param key to ask it with, while this is used
   * @param isKnown whether a run may be made of series with these labels: those of others are not
   *     worth keeping
   */
  PointLabels(
      Resource resource,
      InstrumentationScope scope,
      Memo<Labels> memo,
      Memo.Key key,
      Predicate<Labels> isKnown) {
    this.resource = resource;
    this.scope = scope;
    this.memo = memo;
    this.key = key;
    this.isKnown = isKnown;
  }

  /** The labels of a point with these attributes. */
  Labels of(List<KeyValue> attributes) throws BadPoint {
    Labels base = shared();
    if (attributes.isEmpty()) {
      return base;
    }
    if (attributes.size() > MAX_LABELS) {
      throw tooMany("attributes", attributes.size());
    }
    if (!memorable) {
      return make(base, attributes);
    }
    key.begin(base);
    ask(attributes);
    Labels known = memo.find(key);
    if (known != null) {
      return known;
    }
    Labels made = make(base, attributes);
    memo.put(key, made);
    return made;
  }

  private static Labels make(Labels base, List<KeyValue> attributes) throws BadPoint {
    Labels.Builder labels = new Labels.Builder().addAll(base);
    addAll("attributes", "", attributes, labels);
    return checked(labels.build());
  }

  private void ask(List<KeyValue> attributes) {
    for (KeyValue attribute : attributes) {
      key.add(attribute.getKey());
      key.add(AttributeText.of(attribute.getValue()));
    }
  }

  /** What the points share, good or bad, is looked at once. */
  private Labels shared() throws BadPoint {
    BadPoint known = bad;
    if (known != null) {
      throw known;
    }
    Labels made = shared;
    if (made == null) {
      try {
        made = read();
      } catch (BadPoint e) {
        bad = e;
        throw e;
      }
      shared = made;
      memorable = sharedWeight <= MAX_KEPT_WEIGHT && isKnown.test(made);
    }
    return made;
  }

  private Labels read() throws BadPoint {
    if (resource.getAttributesCount() > MAX_LABELS) {
      throw tooMany("resource.attributes", resource.getAttributesCount());
    }
    if (scope.getAttributesCount() > MAX_LABELS) {
      throw tooMany("scope.attributes", scope.getAttributesCount());
    }
    key.begin(resource.getAttributesCount()); // where the scope's begin
    ask(resource.getAttributesList());
    ask(scope.getAttributesList());
    key.add(scope.getName());
    key.add(scope.getVersion());
    sharedWeight = key.weight();
    Labels known = memo.find(key);
    if (known != null) {
      return known;
    }
    Labels.Builder labels = new Labels.Builder();
    addAll("resource.attributes", "", resource.getAttributesList(), labels);
    addAll("scope.attributes", SCOPE, scope.getAttributesList(), labels);
    labels.add(SCOPE + "name", bounded(scope.getName()));
    labels.add(SCOPE + "version", bounded(scope.getVersion()));
    Labels made = checked(labels.build());
    memo.put(key, made);
    return made;
  }

  private static void addAll(
      String field, String prefix, List<KeyValue> attributes, Labels.Builder labels)
      throws BadPoint {
    for (KeyValue attribute : attributes) {
      String key = attribute.getKey();
      if (key.length() > MAX_KEY_LENGTH) {
        throw new BadPoint(
            Refusal.LIMIT,
            field,
            "a key of " + key.length() + " characters",
            "at most " + MAX_KEY_LENGTH);
      }
      if (!key.isEmpty()) {
        labels.add(
            prefix.isEmpty() ? key : prefix + key, bounded(AttributeText.of(attribute.getValue())));
      }
    }
  }

  private static BadPoint tooMany(String field, int came) {
    return new BadPoint(Refusal.LIMIT, field, came + " attributes", "at most " + MAX_LABELS);
  }

  private static Labels checked(Labels labels) throws BadPoint {
    if (labels.size() > MAX_LABELS) {
      throw new BadPoint(
          Refusal.LIMIT,
          "attributes",
          labels.size() + " of resource, scope and point together",
          "at most " + MAX_LABELS);
    }
    return labels;
  }

  /**
   * Keeps the beginning of a long value, and a digest, so that different values stay different. To
   * refuse would be wrong: many services have their whole command line among their attributes.
   */
  private static String bounded(String value) {
    if (value.length() <= MAX_VALUE_LENGTH) {
      return value;
    }
    String digest = Integer.toHexString(value.hashCode()) + "-" + value.length();
    return value.substring(0, MAX_VALUE_LENGTH - digest.length() - 1) + "…" + digest;
  }
}
