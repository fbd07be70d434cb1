package io.canaryjudge.server.policy;

import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A directory of policy files, one policy each: {@code *.yaml}, {@code *.yml} and {@code *.json}.
 * Directories in it, and files whose names begin with a dot, are left alone, since mounted
 * configuration comes with such; any other file is a violation, since it may be a mistyped one.
 */
public final class PolicyDirectory {

  private static final int MAX_FILES = 1_000;

  private final SequencedMap<String, Policy> policies = new TreeMap<>();
  private final List<FieldViolation> violations = new ArrayList<>();
  private final Map<String, String> fileOfName = new HashMap<>();

  private PolicyDirectory() {}

  /**
   * Reads all files.
   *
   * @return the policies by file name, in the order of these
   * @throws JudgeException {@code POLICY_INVALID} with every violation of every file
   */
  public static SequencedMap<String, Policy> read(Path directory) {
    PolicyDirectory reading = new PolicyDirectory();
    try (Stream<Path> entries = Files.list(directory)) {
      List<Path> files =
          entries
              .filter(file -> !name(file).startsWith(".") && Files.isRegularFile(file))
              .limit(MAX_FILES + 1L)
              .sorted()
              .toList();
      if (files.size() > MAX_FILES) {
        reading.refuse(directory.toString(), "more files", "at most " + MAX_FILES + " files");
      } else {
        files.forEach(reading::file);
      }
    } catch (IOException e) {
      reading.refuse(directory.toString(), String.valueOf(e), "a directory that can be read");
    }
    if (!reading.violations.isEmpty()) {
      throw JudgeException.invalid(ErrorReason.POLICY_INVALID, reading.violations);
    }
    return reading.policies;
  }

  private void file(Path file) {
    String name = name(file);
    if (!name.matches(".*\\.(yaml|yml|json)")) {
      refuse(name, "not a policy file by its name", "*.yaml, *.yml or *.json");
      return;
    }
    try {
      if (Files.size(file) > TreeReader.MAX_BYTES) {
        refuse(name, Files.size(file) + " bytes", "at most " + TreeReader.MAX_BYTES + " bytes");
        return;
      }
      switch (PolicyReader.read(Files.readString(file))) {
        case PolicyReading.Valid(Policy policy) -> policy(name, policy);
        case PolicyReading.Invalid(List<FieldViolation> ofFile) ->
            ofFile.forEach(v -> refuse(name + ": " + v.field(), v.came(), v.expected()));
      }
    } catch (CharacterCodingException e) {
      refuse(name, "other bytes", "UTF-8");
    } catch (IOException e) {
      refuse(name, String.valueOf(e), "a file that can be read");
    }
  }

  private void policy(String file, Policy policy) {
    String earlier = fileOfName.putIfAbsent(policy.name(), file);
    if (earlier != null) {
      refuse(file + ": name", policy.name() + ", as in " + earlier, "distinct names");
    }
    policies.put(file, policy);
  }

  private void refuse(String field, String came, String expected) {
    violations.add(new FieldViolation(field, came, expected));
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}
