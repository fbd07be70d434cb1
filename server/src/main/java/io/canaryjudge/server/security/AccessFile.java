package io.canaryjudge.server.security;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what:
 *
 * <pre>
 * tokens:
 *   - name: checkout-pods
 *     sha256: 0f3c…  # of the token, never the token itself
 *     permissions: [send_samples]
 * certificates:
 *   - name: deploy.example.com
 *     permissions: [read, operate]
 * </pre>
 */
public final class AccessFile {

  /** Lists nobody. */
  static final AccessFile EMPTY = new AccessFile(List.of(), Map.of());

  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Set<String> SECTIONS = Set.of("tokens", "certificates");
  private static final Set<String> TOKEN_KEYS = Set.of("name", "sha256", "permissions");
  private static final Set<String> CERTIFICATE_KEYS = Set.of("name", "permissions");

  private record HashedToken(String sha256, Caller caller) {}

  private final List<HashedToken> tokens;
  private final Map<String, Caller> certificates;

  private AccessFile(List<HashedToken> tokens, Map<String, Caller> certificates) {
    this.tokens = List.copyOf(tokens);
    this.certificates = Map.copyOf(certificates);
  }

  /**
   * Reads a file.
   *
   * @throws JudgeException with reason INVALID_FIELD naming every violation
   * @throws IOException if it cannot be read
   */
  public static AccessFile read(Path file) throws IOException {
    return parse(Files.readString(file));
  }

  /** Reads the text of a file; see {@link #read}. */
  static AccessFile parse(String yaml) {
    JsonNode root;
    try {
      YAMLMapper mapper =
          YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();
      root = mapper.readTree(yaml);
    } catch (JsonProcessingException e) {
      throw JudgeException.invalidField("access file", e.getOriginalMessage(), "YAML");
    }
    return new Parser().parse(root);
  }

  /** How many tokens and certificates it lists. */
  public int size() {
    return tokens.size() + certificates.size();
  }

  /** Who has a token. Takes the same time whichever token it is, or none. */
  Optional<Caller> token(String token) {
    byte[] sha256 = Token.sha256(token).getBytes(StandardCharsets.US_ASCII);
    @Nullable Caller found = null;
    for (HashedToken known : tokens) {
      if (MessageDigest.isEqual(known.sha256().getBytes(StandardCharsets.US_ASCII), sha256)) {
        found = known.caller();
      }
    }
    return Optional.ofNullable(found);
  }

  /** Who has a client certificate with a name. */
  Optional<Caller> certificate(String name) {
    return Optional.ofNullable(certificates.get(name));
  }

  private static final class Parser {

    private final List<FieldViolation> violations = new ArrayList<>();

    AccessFile parse(JsonNode root) {
      List<HashedToken> tokens = new ArrayList<>();
      Map<String, Caller> certificates = new TreeMap<>();
      if (!root.isObject()) {
        refuse("access file", root.getNodeType(), "tokens and certificates");
      } else {
        checkKeys("", root, SECTIONS);
        Set<String> names = new HashSet<>();
        int index = 0;
        for (JsonNode entry : entries(root, "tokens")) {
          String path = "tokens[" + index++ + "]";
          checkKeys(path + ".", entry, TOKEN_KEYS);
          Caller caller = caller(path, entry, names);
          String hash = hash(path + ".sha256", entry.path("sha256").asText(""));
          tokens.add(new HashedToken(hash, caller));
        }
        index = 0;
        for (JsonNode entry : entries(root, "certificates")) {
          String path = "certificates[" + index++ + "]";
          checkKeys(path + ".", entry, CERTIFICATE_KEYS);
          Caller caller = caller(path, entry, names);
          certificates.put(caller.name(), caller);
        }
      }
      if (!violations.isEmpty()) {
        throw JudgeException.invalid(ErrorReason.INVALID_FIELD, violations);
      }
      return new AccessFile(tokens, certificates);
    }

    private Iterable<JsonNode> entries(JsonNode root, String section) {
      JsonNode list = root.path(section);
      if (!list.isMissingNode() && !list.isArray()) {
        refuse(section, list.getNodeType(), "a list");
      }
      return list.isArray() ? list : List.of();
    }

    private Caller caller(String path, JsonNode entry, Set<String> names) {
      String name = entry.path("name").asText("");
      if (name.isBlank() || name.length() > 200) {
        refuse(path + ".name", name, "1 to 200 characters");
      } else if (!names.add(name)) {
        refuse(path + ".name", name, "a name that no other entry has");
      }
      EnumSet<Permission> permissions = EnumSet.noneOf(Permission.class);
      JsonNode list = entry.path("permissions");
      if (!list.isArray() || list.isEmpty()) {
        refuse(path + ".permissions", list, "a list with at least one of " + permissionNames());
      }
      int index = 0;
      for (JsonNode item : list) {
        String text = item.asText("");
        String where = path + ".permissions[" + index++ + "]";
        Arrays.stream(Permission.values())
            .filter(permission -> lower(permission).equals(text))
            .findFirst()
            .ifPresentOrElse(
                permissions::add, () -> refuse(where, text, "one of " + permissionNames()));
      }
      return new Caller(name, permissions);
    }

    private String hash(String path, String text) {
      String hex = text.toLowerCase(Locale.ROOT);
      if (!SHA256.matcher(hex).matches()) {
        // Not repeated: somebody may have put the token itself here.
        refuse(path, text.length() + " characters", "64 hexadecimal digits");
      }
      return hex;
    }

    private void checkKeys(String path, JsonNode node, Set<String> known) {
      node.fieldNames()
          .forEachRemaining(
              key -> {
                if (!known.contains(key)) {
                  refuse(
                      path + key,
                      "unknown key",
                      String.join(", ", known.stream().sorted().toList()));
                }
              });
    }

    private void refuse(String field, Object came, String expected) {
      violations.add(new FieldViolation(field, String.valueOf(came), expected));
    }

    private static String permissionNames() {
      return Arrays.stream(Permission.values())
          .map(Parser::lower)
          .collect(Collectors.joining(", "));
    }

    private static String lower(Permission permission) {
      return permission.name().toLowerCase(Locale.ROOT);
    }
  }
}
