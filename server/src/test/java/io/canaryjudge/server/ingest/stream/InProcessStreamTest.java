package io.canaryjudge.server.ingest.stream;

/** Within the process. */
class InProcessStreamTest extends StreamSemantics {}
