package io.canaryjudge.server;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.util.Date;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Data moves in one direction, and foreign types stay at the edge. */
class ArchitectureTest {

  private static final String SERVER = "io.canaryjudge.server";
  private static final String ROOT = SERVER;
  private static final String CONFIG = SERVER + ".config..";
  private static final String INGEST = SERVER + ".ingest..";
  private static final String RUN = SERVER + ".run..";
  private static final String STORE = SERVER + ".store..";
  private static final String API = SERVER + ".api..";
  private static final String DIALECT = SERVER + ".dialect..";
  private static final String NOTIFY = SERVER + ".notify..";
  private static final String SECURITY = SERVER + ".security..";
  private static final String TELEMETRY = SERVER + ".telemetry..";
  private static final String CLIENT = "io.canaryjudge.client..";
  private static final String DEMO = "io.canaryjudge.demo..";
  private static final String CLI = "io.canaryjudge.cli..";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
          .importPackages(
              SERVER, "io.canaryjudge.client", "io.canaryjudge.demo", "io.canaryjudge.cli");

  @Test
  void messagesOfTheWireStopAtTheEdge() {
    noClasses()
        .that()
        .resideOutsideOfPackages(INGEST, API, CLIENT, DEMO, CLI)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.canaryjudge.proto..",
            "io.opentelemetry..",
            "com.google.protobuf..",
            "com.google.rpc..")
        .check(CLASSES);
  }

  @Test
  void grpcStaysAtTheEdge() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT, INGEST, API, SECURITY, TELEMETRY, CLIENT, DEMO, CLI)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.grpc..")
        .check(CLASSES);
  }

  @Test
  void helidonStaysAtTheEdge() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT, CONFIG, INGEST, API, SECURITY, TELEMETRY, DEMO)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.helidon..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(CONFIG)
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.helidon..").and(describe("no configuration", this::isNoConfig)))
        .check(CLASSES);
  }

  @Test
  void databasesAreKnownToTheStoreOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT, STORE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.sql..",
            "javax.sql..",
            "com.zaxxer.hikari..",
            "org.flywaydb..",
            "org.sqlite..",
            "org.postgresql..")
        .check(CLASSES);
  }

  @Test
  void samplesGoFromIngestToRunToStore() {
    noClasses()
        .that()
        .resideInAPackage(STORE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(RUN, INGEST, API, SECURITY)
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(RUN)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(INGEST, API, SECURITY)
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(INGEST)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(API)
        .check(CLASSES);
  }

  /** What is told has no say in what is judged. */
  @Test
  void runsAndTheirStoreKnowNothingOfThoseWhoAreTold() {
    noClasses()
        .that()
        .resideInAnyPackage(RUN, STORE, INGEST)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(NOTIFY)
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(NOTIFY)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(RUN, INGEST, API, SECURITY)
        .check(CLASSES);
  }

  /** What another tool says is put in our words there, and nowhere else. */
  @Test
  void dialectsKnowRunsAndPoliciesAndAreKnownToNobody() {
    classes()
        .that()
        .resideInAPackage(DIALECT)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            DIALECT,
            "java..",
            "org.jspecify.annotations..",
            "com.fasterxml.jackson..",
            "io.canaryjudge.analysis..",
            API,
            RUN,
            SERVER + ".policy..",
            STORE,
            SECURITY,
            SERVER + ".telemetry..",
            SERVER + ".error..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT, DIALECT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(DIALECT)
        .check(CLASSES);
  }

  @Test
  void nothingDependsOnTheCompositionRootButTheDemo() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT, DEMO)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT)
        .check(CLASSES);
  }

  @Test
  void theClientCanBeCopiedElsewhere() {
    classes()
        .that()
        .resideInAPackage(CLIENT)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            CLIENT,
            "java..",
            "org.jspecify.annotations..",
            "io.canaryjudge.proto..",
            "io.grpc..",
            "com.google.protobuf..",
            "com.google.rpc..")
        .check(CLASSES);
  }

  @Test
  void theCommandLineForPipelinesIsAClientLikeAnyOther() {
    classes()
        .that()
        .resideInAPackage(CLI)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            CLI,
            CLIENT,
            "java..",
            "org.jspecify.annotations..",
            "picocli..",
            "com.fasterxml.jackson..",
            "io.canaryjudge.proto..",
            "io.grpc..",
            "com.google.protobuf..")
        .check(CLASSES);
  }

  @Test
  void theServerNeedsNeitherClientNorDemo() {
    noClasses()
        .that()
        .resideInAPackage(SERVER + ".*..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(CLIENT, DEMO, CLI)
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(SERVER + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  /** Time is passed in as a Clock or an InstantSource, so that tests need not wait for it. */
  @Test
  void onlyTheCompositionRootReadsTheTimeOfDay() {
    noClasses()
        .that()
        .resideInAPackage(SERVER + ".*..")
        .should()
        .accessTargetWhere(target(owner(type(System.class))).and(target(name("currentTimeMillis"))))
        .orShould()
        .accessTargetWhere(
            target(owner(type(Clock.class))).and(target(nameMatching("system.*|tick.*"))))
        .orShould()
        .accessTargetWhere(
            target(owner(resideInAPackage("java.time..")))
                .and(target(owner(describe("no clock", this::isNoClock))))
                .and(target(name("now"))))
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Date.class)
        .check(CLASSES);
  }

  @Test
  void everyPackageSaysWhatMayBeNull() {
    classes()
        .should(be(describe("in a package marked @NullMarked", this::isInNullMarkedPackage)))
        .check(CLASSES);
  }

  private boolean isNoConfig(JavaClass type) {
    return !resideInAPackage("io.helidon.config..").test(type);
  }

  private boolean isNoClock(JavaClass type) {
    return !type.isAssignableTo(java.time.InstantSource.class);
  }

  private boolean isInNullMarkedPackage(JavaClass type) {
    return type.getPackage().isAnnotatedWith(NullMarked.class);
  }
}
