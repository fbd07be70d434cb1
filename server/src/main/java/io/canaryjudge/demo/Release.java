package io.canaryjudge.demo;

import io.canaryjudge.proto.v1.Decision;

/**
 * A new version that is put beside the running one.
 *
 * @param version its version
 * @param title what it brings, for the reader
 * @param behaviour how it behaves
 * @param expected the decision that it deserves
 * @param guilty metric that must be among the reasons of a NO_GO; empty for a GO
 */
record Release(
    String version, String title, Behaviour behaviour, Decision expected, String guilty) {}
