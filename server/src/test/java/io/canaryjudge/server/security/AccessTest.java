package io.canaryjudge.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.canaryjudge.server.error.ErrorReason;
import io.canaryjudge.server.error.FieldViolation;
import io.canaryjudge.server.error.JudgeException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class AccessTest {

  private static final String PRODUCER = Token.create(new SecureRandom());
  private static final String READER = Token.create(new SecureRandom());
  private static final String ADMIN = Token.create(new SecureRandom());

  private static final AccessFile FILE =
      AccessFile.parse(
          """
          tokens:
            - {name: pods, sha256: %s, permissions: [send_samples]}
            - {name: dashboard, sha256: %s, permissions: [read]}
            - {name: sre, sha256: %s, permissions: [read, send_samples, operate, admin_policies]}
          certificates:
            - {name: deploy.example.com, permissions: [read, operate]}
          """
              .formatted(
                  Token.sha256(PRODUCER),
                  Token.sha256(READER).toUpperCase(Locale.ROOT),
                  Token.sha256(ADMIN)));

  /** Every rule against every kind of caller, so that no cell is decided by accident. */
  @TestFactory
  Stream<DynamicTest> everyOperationForEveryCaller() {
    Access access = Access.listed(FILE);
    return AccessRules.all().entrySet().stream()
        .map(
            rule ->
                DynamicTest.dynamicTest(
                    rule.getKey(),
                    () -> {
                      String operation = rule.getKey();
                      Optional<Permission> needs = rule.getValue();
                      assertThat(outcome(access, operation, Credentials.NONE))
                          .isEqualTo(needs.isEmpty() ? "" : "NO_CREDENTIALS");
                      assertThat(outcome(access, operation, bearer("cj_wrong")))
                          .isEqualTo(needs.isEmpty() ? "" : "BAD_CREDENTIALS");
                      assertThat(outcome(access, operation, bearer(PRODUCER)))
                          .isEqualTo(expected(needs, "pods", Permission.SEND_SAMPLES));
                      assertThat(outcome(access, operation, bearer(READER)))
                          .isEqualTo(expected(needs, "dashboard", Permission.READ));
                      assertThat(outcome(access, operation, bearer(ADMIN)))
                          .isEqualTo(needs.isEmpty() ? "" : "sre");
                      assertThat(outcome(access, operation, certificate("deploy.example.com")))
                          .isEqualTo(
                              expected(
                                  needs,
                                  "deploy.example.com",
                                  Permission.READ,
                                  Permission.OPERATE));
                      assertThat(outcome(access, operation, certificate("other.example.com")))
                          .isEqualTo(needs.isEmpty() ? "" : "BAD_CREDENTIALS");
                      assertThat(outcome(Access.open(), operation, Credentials.NONE)).isEmpty();
                    }));
  }

  private static String expected(
      Optional<Permission> needs, String name, Permission... permissions) {
    if (needs.isEmpty()) {
      return "";
    }
    return List.of(permissions).contains(needs.get()) ? name : "NOT_ALLOWED";
  }

  /** Name of the caller who is admitted, or the reason why not. */
  private static String outcome(Access access, String operation, Credentials credentials) {
    try {
      return access.admit(operation, credentials).name();
    } catch (JudgeException e) {
      return e.reason().name();
    }
  }

  @Test
  void anOperationWithoutARuleIsRefusedToEverybody() {
    assertThat(outcome(Access.listed(FILE), "canary.judge.v1.Judge/New", bearer(ADMIN)))
        .isEqualTo("NOT_ALLOWED");
    assertThat(outcome(Access.open(), "canary.judge.v1.Judge/New", Credentials.NONE))
        .isEqualTo("NOT_ALLOWED");
  }

  @Test
  void aClientCertificateSufficesWhereNobodyIsListed() {
    Access access = Access.certificates();
    String operation = "canary.judge.v1.PolicyService/CreatePolicy";

    assertThat(outcome(access, operation, certificate("anyone"))).isEqualTo("anyone");
    assertThat(outcome(access, operation, Credentials.NONE)).isEqualTo("NO_CREDENTIALS");
  }

  @Test
  void noMessageRepeatsAToken() {
    for (String authorization :
        List.of("Bearer cj_my-secret", "Basic cj_my-secret", "cj_my-secret")) {
      assertThatExceptionOfType(JudgeException.class)
          .isThrownBy(
              () ->
                  Access.listed(FILE)
                      .admit("GET /metrics", new Credentials(authorization, List.of())))
          .satisfies(
              e -> {
                assertThat(e.reason()).isEqualTo(ErrorReason.BAD_CREDENTIALS);
                assertThat(e.getMessage()).doesNotContain("cj_my-secret");
              });
    }
    assertThat(bearer("cj_my-secret").toString()).doesNotContain("cj_my-secret");
  }

  @Test
  void anAccessFileNamesEveryViolation() {
    assertThatExceptionOfType(JudgeException.class)
        .isThrownBy(
            () ->
                AccessFile.parse(
                    """
                    tokens:
                      - {name: a, sha256: cj_the-token-itself, permissions: [read]}
                      - {name: a, sha256: "%s", permissions: [write], role: x}
                      - {name: "", sha256: "%s", permissions: []}
                    certificates: everyone
                    users: []
                    """
                        .formatted("0".repeat(64), "1".repeat(64))))
        .satisfies(
            e -> {
              assertThat(e.violations())
                  .extracting(FieldViolation::field)
                  .containsExactlyInAnyOrder(
                      "users",
                      "tokens[0].sha256",
                      "tokens[1].role",
                      "tokens[1].name",
                      "tokens[1].permissions[0]",
                      "tokens[2].name",
                      "tokens[2].permissions",
                      "certificates");
              assertThat(e.getMessage()).doesNotContain("the-token-itself");
            });
  }

  @Test
  void tokensAreLongAndNeverTheSame() {
    SecureRandom random = new SecureRandom();
    assertThat(Stream.generate(() -> Token.create(random)).limit(1_000))
        .doesNotHaveDuplicates()
        .allMatch(token -> token.matches("cj_[A-Za-z0-9_-]{43}"));
    assertThat(Token.sha256("abc"))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  private static Credentials bearer(String token) {
    return new Credentials("Bearer " + token, List.of());
  }

  private static Credentials certificate(String name) {
    return new Credentials(null, List.of(name));
  }
}
