package io.canaryjudge.cli;

/** Names of policies, in full or for short. */
final class PolicyNames {

  private static final String PREFIX = "policies/";

  private PolicyNames() {}

  static String resource(String name) {
    return name.startsWith(PREFIX) ? name : PREFIX + name;
  }

  static String brief(String resource) {
    return resource.startsWith(PREFIX) ? resource.substring(PREFIX.length()) : resource;
  }
}
