package io.canaryjudge.cli;

import picocli.CommandLine.Option;

/** What is compared: two versions of a service. */
final class Compared {

  @Option(
      names = "--service",
      required = true,
      paramLabel = "NAME",
      description = "What is rolled out.")
  private String service = "";

  @Option(
      names = "--baseline",
      required = true,
      paramLabel = "VERSION",
      description = "The version that runs.")
  private String baseline = "";

  @Option(
      names = "--canary",
      required = true,
      paramLabel = "VERSION",
      description = "The new version.")
  private String canary = "";

  String service() {
    return service;
  }

  String baseline() {
    return baseline;
  }

  String canary() {
    return canary;
  }
}
