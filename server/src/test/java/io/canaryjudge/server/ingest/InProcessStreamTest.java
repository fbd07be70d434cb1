package io.canaryjudge.server.ingest;

/** Within the process. */
class InProcessStreamTest extends StreamSemantics {}
