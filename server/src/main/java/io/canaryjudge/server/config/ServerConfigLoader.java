package io.canaryjudge.server.config;

import io.canaryjudge.server.config.SettingReader.Setting;
import io.canaryjudge.server.error.NearestKey;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.config.yaml.YamlConfigParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Loads the configuration: a YAML file, then environment variables, then flags; the later one wins.
 * A key that does not exist is an error that names the nearest one that does.
 */
public final class ServerConfigLoader {

  static final String ENVIRONMENT_PREFIX = "CANARY_JUDGE_";
  private static final Pattern LIST_ELEMENT = Pattern.compile("(.+)\\.(\\d{1,6})");

  /**
   * What other commands and the launcher read, which may be set in the same shell: no mistakes of
   * the server's settings.
   */
  private static final Set<String> NOT_SETTINGS =
      Set.of(
          "CANARY_JUDGE_AUTHOR",
          "CANARY_JUDGE_CA_FILE",
          "CANARY_JUDGE_CERTIFICATE_FILE",
          "CANARY_JUDGE_JAVA_OPTS",
          "CANARY_JUDGE_KEY_FILE",
          "CANARY_JUDGE_REQUEST_ID",
          "CANARY_JUDGE_RUN",
          "CANARY_JUDGE_SERVER",
          "CANARY_JUDGE_TOKEN",
          "CANARY_JUDGE_TOKEN_FILE");

  /**
   * A loaded configuration.
   *
   * @param config the checked values
   * @param printed the same as a YAML file with a comment per setting; secrets are masked
   */
  public record Loaded(ServerConfig config, String printed) {}

  private ServerConfigLoader() {}

  /**
   * Loads.
   *
   * @param file YAML file, if any
   * @param environment the environment; variables without the prefix {@code CANARY_JUDGE_} are
   *     ignored
   * @param flags settings by key, such as {@code grpc.port}
   * @throws ConfigException naming every violation at once
   */
  public static Loaded load(
      Optional<Path> file, Map<String, String> environment, Map<String, String> flags) {
    List<String> violations = new ArrayList<>();
    Map<String, String> fromFile = file.map(path -> readFile(path, violations)).orElse(Map.of());
    Map<String, String> named = new TreeMap<>(fromFile);
    named.putAll(flags);
    SequencedMap<String, Setting> known = settings(named);
    Map<String, String> fromEnvironment = readEnvironment(environment, known, violations);
    for (String key : fromFile.keySet()) {
      checkKnown(key, "in " + file.orElseThrow(), known, violations);
    }
    for (String key : flags.keySet()) {
      checkKnown(key, "as a flag", known, violations);
    }

    Map<String, String> values = new TreeMap<>(fromFile);
    values.putAll(fromEnvironment);
    values.putAll(flags);
    SequencedMap<String, Setting> settings = new LinkedHashMap<>();
    SettingReader reader = new SettingReader(values, settings);
    ServerConfig config = new ServerConfigReader(reader).read();
    violations.addAll(reader.violations());
    if (!violations.isEmpty()) {
      throw new ConfigException(violations);
    }
    return new Loaded(config, print(settings));
  }

  /** Keys of all settings, in the order of the documentation. */
  static SequencedMap<String, Setting> settings() {
    return settings(Map.of(NotifyConfigReader.TARGETS + ".NAME", ""));
  }

  /** Those that there are where something has names of its own: of a target for notifications. */
  private static SequencedMap<String, Setting> settings(Map<String, String> named) {
    SequencedMap<String, Setting> settings = new LinkedHashMap<>();
    new ServerConfigReader(new SettingReader(named, settings)).read();
    return settings;
  }

  private static Map<String, String> readFile(Path file, List<String> violations) {
    if (!Files.isReadable(file)) {
      violations.add("config: " + file + " (expected: a file that can be read)");
      return Map.of();
    }
    try {
      // Values are taken as they are: a password may well contain what looks like a reference.
      return joinLists(
          Config.builder()
              .addSource(ConfigSources.file(file).parser(YamlConfigParser.create()))
              .disableEnvironmentVariablesSource()
              .disableSystemPropertiesSource()
              .disableKeyResolving()
              .disableValueResolving()
              .disableFilterServices()
              .build()
              .asMap()
              .orElse(Map.of()));
    } catch (RuntimeException e) {
      violations.add("config: " + file + " (expected: YAML; " + rootMessage(e) + ")");
      return Map.of();
    }
  }

  /** Elements of lists, which come as {@code key.0}, {@code key.1}, as one value. */
  private static Map<String, String> joinLists(Map<String, String> values) {
    Map<String, String> joined = new TreeMap<>();
    SortedMap<String, SortedMap<Integer, String>> lists = new TreeMap<>();
    values.forEach(
        (key, value) -> {
          Matcher element = LIST_ELEMENT.matcher(key);
          if (element.matches()) {
            lists
                .computeIfAbsent(element.group(1), _ -> new TreeMap<>())
                .put(Integer.valueOf(element.group(2)), value);
          } else {
            joined.put(key, value);
          }
        });
    lists.forEach((key, elements) -> joined.put(key, String.join(", ", elements.values())));
    return joined;
  }

  private static String rootMessage(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
  }

  private static Map<String, String> readEnvironment(
      Map<String, String> environment,
      SequencedMap<String, Setting> known,
      List<String> violations) {
    Map<String, String> keyByName =
        known.values().stream()
            .collect(
                Collectors.toMap(
                    setting -> environmentName(setting.key()), Setting::key, (first, _) -> first));
    Map<String, String> values = new TreeMap<>();
    environment.forEach(
        (name, value) -> {
          String key = keyByName.get(name);
          if (key != null) {
            values.put(key, value);
          } else if (name.startsWith(ENVIRONMENT_PREFIX) && !NOT_SETTINGS.contains(name)) {
            violations.add(
                name
                    + ": unknown environment variable (nearest: "
                    + NearestKey.of(name, keyByName.keySet())
                    + ")");
          }
        });
    return values;
  }

  /** Name of the environment variable of a key: {@code CANARY_JUDGE_GRPC_PORT}. */
  static String environmentName(String key) {
    return ENVIRONMENT_PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  private static void checkKnown(
      String key, String where, SequencedMap<String, Setting> known, List<String> violations) {
    if (!known.containsKey(key)) {
      violations.add(
          key
              + ": unknown key "
              + where
              + " (nearest: "
              + NearestKey.of(key, known.keySet())
              + ")");
    }
  }

  /** One flat key per line, which YAML reads as the same settings. */
  private static String print(SequencedMap<String, Setting> settings) {
    StringBuilder out = new StringBuilder();
    for (Setting setting : settings.values()) {
      String shown = setting.secret() && !setting.value().isEmpty() ? "********" : setting.value();
      out.append("# ").append(setting.meaning());
      if (!setting.value().equals(setting.defaultValue())) {
        out.append(" Default: ")
            .append(setting.defaultValue().isEmpty() ? "none" : setting.defaultValue());
      }
      out.append('\n').append(setting.key()).append(": ").append(quoted(shown)).append('\n');
    }
    return out.toString();
  }

  private static String quoted(String value) {
    return value.matches("[A-Za-z0-9./][A-Za-z0-9./_-]*")
        ? value
        : "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
