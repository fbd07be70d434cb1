package io.canaryjudge.server.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyLoaderTest {

  private static final PolicyChange EVE = new PolicyChange("eve", "better", "");

  @TempDir Path directory;
  @TempDir Path files;
  private StoredPolicies stored;
  private Policies policies;
  private PolicyLoader loader;

  @BeforeEach
  void open() {
    stored = new StoredPolicies(directory);
    policies = stored.policies();
    loader = new PolicyLoader(policies);
  }

  @AfterEach
  void close() {
    stored.close();
  }

  private PolicyRevision current(String name) {
    return policies.get(PolicyName.parse("name", PolicyName.of(name)));
  }

  private PolicyRevision setAlpha(String name, double alpha, PolicyChange change) {
    ObjectNode replacement = JsonNodeFactory.instance.objectNode().put("alpha", alpha);
    return policies.update(name, current(name).etag(), replacement, Set.of("alpha"), change, false);
  }

  private static Policy earlier(String preset) {
    return PolicyReader.read(Presets.text(preset).replace("alpha: 0.01", "alpha: 0.03")).orThrow();
  }

  private void file(String name, String text) throws IOException {
    Files.writeString(files.resolve(name), text);
  }

  private static String text(String name, double alpha) {
    return """
    name: NAME
    alpha: ALPHA
    beta: 0.05
    window: 5s
    metrics: [{name: error_rate, kind: proportion, thresholds: [{limit: 0.01}]}]
    """
        .replace("NAME", name)
        .replace("ALPHA", Double.toString(alpha));
  }

  @Test
  void presetsAreThereAfterTheFirstStartAndLeftAloneAtTheNext() {
    assertThat(loader.loadPresets()).hasSize(Presets.NAMES.size());
    assertThat(loader.loadPresets()).isEmpty();

    assertThat(policies.list(100, "").items())
        .hasSize(Presets.NAMES.size())
        .allSatisfy(
            preset -> {
              assertThat(preset.revision()).isEqualTo(1);
              assertThat(preset.author()).isEqualTo("canary-judge");
              assertThat(preset.reason()).isEqualTo("preset " + preset.policy().name());
            });
    assertThat(current("standard").policy())
        .isEqualTo(PolicyReader.read(Presets.text("standard")).orThrow());
  }

  @Test
  void aNewerPresetBecomesTheNextRevision() {
    policies.create(
        earlier("standard"),
        new PolicyChange(PolicyLoader.PRESET_AUTHOR, "preset standard", ""),
        "",
        false);

    loader.loadPresets();

    assertThat(current("standard").revision()).isEqualTo(2);
    assertThat(current("standard").policy().alpha()).isEqualTo(0.01);
  }

  @Test
  void anOlderReleaseDoesNotTakeAPresetBack() {
    loader.loadPresets();
    // As a newer release would.
    policies.append(
        earlier("standard"),
        1,
        new PolicyChange(PolicyLoader.PRESET_AUTHOR, "preset standard", ""));

    assertThat(loader.loadPresets()).isEmpty();
    assertThat(current("standard").revision()).isEqualTo(2);
  }

  @Test
  void aPresetThatSomebodyChangedIsTheirs() {
    policies.create(
        earlier("standard"),
        new PolicyChange(PolicyLoader.PRESET_AUTHOR, "preset standard", ""),
        "",
        false);
    setAlpha("standard", 0.2, EVE);

    loader.loadPresets();

    assertThat(current("standard").revision()).isEqualTo(2);
    assertThat(current("standard").policy().alpha()).isEqualTo(0.2);
  }

  @Test
  void aPresetThatSomebodyDeletedStaysDeleted() {
    loader.loadPresets();
    policies.delete("guardrail", "", false, EVE);

    assertThat(loader.loadPresets()).isEmpty();
    assertThat(policies.current("guardrail").orElseThrow().deleted()).isTrue();
  }

  @Test
  void aFileBecomesARevisionWheneverItChanges() throws IOException {
    file("checkout.yaml", text("checkout", 0.01));
    file("search.json", PolicyWriter.toJson(PolicyReader.read(text("search", 0.1)).orThrow()));

    assertThat(loader.loadFiles(PolicyDirectory.read(files))).hasSize(2);
    assertThat(loader.loadFiles(PolicyDirectory.read(files))).isEmpty();
    file("checkout.yaml", "# A remark changes nothing.\n" + text("checkout", 0.01));
    assertThat(loader.loadFiles(PolicyDirectory.read(files))).isEmpty();
    file("checkout.yaml", text("checkout", 0.02));
    assertThat(loader.loadFiles(PolicyDirectory.read(files))).hasSize(1);

    assertThat(current("checkout").revision()).isEqualTo(2);
    assertThat(current("checkout").author()).isEqualTo("file:checkout.yaml");
    assertThat(current("checkout").policy().alpha()).isEqualTo(0.02);
    assertThat(current("search").revision()).isEqualTo(1);
  }

  @Test
  void theFileWinsOverWhoeverChangedOrDeletedThePolicy() throws IOException {
    loader.loadPresets();
    file("standard.yaml", text("standard", 0.2));
    loader.loadFiles(PolicyDirectory.read(files));
    setAlpha("standard", 0.3, EVE);
    loader.loadFiles(PolicyDirectory.read(files));
    assertThat(current("standard").policy().alpha()).isEqualTo(0.2);
    assertThat(current("standard").revision()).isEqualTo(4);

    policies.delete("standard", "", false, EVE);
    loader.loadFiles(PolicyDirectory.read(files));
    assertThat(current("standard").revision()).isEqualTo(6);
    assertThat(loader.loadPresets()).isEmpty();
  }

  @Test
  void aPolicyWhoseFileIsGoneStays() throws IOException {
    file("checkout.yaml", text("checkout", 0.01));
    loader.loadFiles(PolicyDirectory.read(files));
    Files.delete(files.resolve("checkout.yaml"));

    assertThat(loader.loadFiles(PolicyDirectory.read(files))).isEmpty();
    assertThat(current("checkout").revision()).isEqualTo(1);
  }

  @Test
  void tellsOfEverythingThatIsWrongInAnyFileAndLoadsNone() throws IOException {
    file("a.yaml", text("a", 7));
    file("b.yml", text("b", 0.01) + "colour: red\nwindow: 6s\n");
    file("c.json", "{\"name\": }");
    file("d.yaml", text("good", 0.01));
    file("e.yaml", text("good", 0.02));
    file("f.ymal", text("f", 0.01));
    file("g.yaml", "x".repeat(300_000));
    Files.write(files.resolve("h.yaml"), new byte[] {'a', ':', ' ', (byte) 0xff});

    assertThatExceptionOfType(JudgeException.class)
        .isThrownBy(() -> loader.loadFiles(PolicyDirectory.read(files)))
        .satisfies(
            e -> {
              assertThat(e.reason()).isEqualTo(ErrorReason.POLICY_INVALID);
              assertThat(e.violations())
                  .extracting(FieldViolation::field)
                  .containsExactly(
                      "a.yaml: alpha",
                      "b.yml: window",
                      "b.yml: colour",
                      "c.json: line 1, column 10",
                      "e.yaml: name",
                      "f.ymal",
                      "g.yaml",
                      "h.yaml");
            });
    assertThat(policies.list(10, "").items()).isEmpty();
  }

  @Test
  void leavesAloneWhatMountedConfigurationComesWith() throws IOException {
    Files.createDirectory(files.resolve("..2026_11_21"));
    Files.createDirectory(files.resolve("old"));
    file(".hidden.swp", "anything");
    Files.writeString(
        files.resolve("..2026_11_21").resolve("checkout.yaml"), text("checkout", 1e-2));
    Files.createSymbolicLink(files.resolve("..data"), files.resolve("..2026_11_21"));
    Files.createSymbolicLink(files.resolve("checkout.yaml"), Path.of("..data/checkout.yaml"));

    assertThat(loader.loadFiles(PolicyDirectory.read(files)))
        .extracting(revision -> revision.policy().name())
        .containsExactly("checkout");
  }

  @Test
  void aDirectoryThatIsNotThereIsNamed() {
    Path missing = files.resolve("missing");

    assertThatExceptionOfType(JudgeException.class)
        .isThrownBy(() -> PolicyDirectory.read(missing))
        .satisfies(
            e ->
                assertThat(e.violations())
                    .singleElement()
                    .satisfies(v -> assertThat(v.field()).isEqualTo(missing.toString())));
  }

  @Test
  void whoeverStartsSecondFindsTheWorkDone() {
    List<PolicyLoader> servers = List.of(loader, new PolicyLoader(stored.policies()));

    servers.parallelStream().forEach(PolicyLoader::loadPresets);

    assertThat(policies.list(100, "").items())
        .hasSize(Presets.NAMES.size())
        .allMatch(preset -> preset.revision() == 1);
  }
}
