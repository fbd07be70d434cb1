package io.canaryjudge.analysis;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.canaryjudge.analysis.policy.MetricKind;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The judgement is pure, and its packages know each other in one direction only. */
class ArchitectureTest {

  private static final String ROOT = "io.canaryjudge.analysis";
  private static final String AGGREGATE = ROOT + ".aggregate..";
  private static final String POLICY = ROOT + ".policy..";
  private static final String INFERENCE = ROOT + ".inference..";
  private static final String VERDICT = ROOT + ".verdict..";

  private static final JavaClasses ANALYSIS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @Test
  void dependsOnTheJdkAndCommonsMathOnly() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "..", "java..", "org.apache.commons.math3..", "org.jspecify.annotations..")
        .check(ANALYSIS);
  }

  @Test
  void aggregatesKnowNothingOfWhatIsMadeOfThem() {
    noClasses()
        .that()
        .resideInAPackage(AGGREGATE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(INFERENCE, VERDICT)
        .check(ANALYSIS);
  }

  @Test
  void aggregatesShareWithPoliciesOnlyTheKindsOfMetrics() {
    noClasses()
        .that()
        .resideInAPackage(AGGREGATE)
        .should()
        .dependOnClassesThat(resideInAPackage(POLICY).and(not(type(MetricKind.class))))
        .check(ANALYSIS);
  }

  @Test
  void policiesKnowNothingOfHowTheyAreJudged() {
    noClasses()
        .that()
        .resideInAPackage(POLICY)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(AGGREGATE, INFERENCE, VERDICT)
        .check(ANALYSIS);
  }

  @Test
  void inferenceKnowsNothingOfVerdicts() {
    noClasses()
        .that()
        .resideInAPackage(INFERENCE)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(VERDICT)
        .check(ANALYSIS);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(ANALYSIS);
  }

  @Test
  void neverAsksForTheTime() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Clock.class, InstantSource.class)
        .orShould()
        .accessTargetWhere(methodIn("java.time..", "now"))
        .orShould()
        .accessTargetWhere(methodIn("java.lang", "currentTimeMillis|nanoTime"))
        .check(ANALYSIS);
  }

  @Test
  void drawsNoRandomNumbers() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Random.class, SplittableRandom.class, ThreadLocalRandom.class, UUID.class)
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.util.random..", "java.security..", "org.apache.commons.math3.random..")
        .orShould()
        .accessTargetWhere(methodIn("java.lang", "random|identityHashCode"))
        .check(ANALYSIS);
  }

  @Test
  void readsAndWritesNothing() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.net..",
            "java.nio.file..",
            "java.nio.channels..",
            "java.sql..",
            "java.util.logging..")
        .orShould()
        .dependOnClassesThat(
            resideInAPackage("java.io")
                .and(nameMatching("java\\.io\\.(File|Print|Random|Console).*")))
        .orShould()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .accessTargetWhere(methodIn("java.lang", "getProperty|getenv|getLogger"))
        .check(ANALYSIS);
  }

  /** Math may use the processor's own functions, which differ in the last bit between machines. */
  @Test
  void usesOnlyFunctionsThatAreTheSameToTheBitOnEveryMachine() {
    noClasses()
        .should()
        .accessTargetWhere(
            target(owner(type(Math.class)))
                .and(
                    target(
                        nameMatching(
                            "a?(sin|cos|tan)h?|atan2|exp|expm1|log|log10|log1p|pow|cbrt|hypot"))))
        .check(ANALYSIS);
  }

  @Test
  void everyPackageSaysWhatMayBeNull() {
    classes()
        .should(
            be(
                DescribedPredicate.describe(
                    "in a package marked @NullMarked",
                    (JavaClass type) -> type.getPackage().isAnnotatedWith(NullMarked.class))))
        .check(ANALYSIS);
  }

  private static DescribedPredicate<JavaAccess<?>> methodIn(String owners, String names) {
    return target(owner(resideInAPackage(owners))).and(target(nameMatching(names)));
  }
}
