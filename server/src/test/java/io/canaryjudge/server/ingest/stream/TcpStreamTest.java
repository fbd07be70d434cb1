package io.canaryjudge.server.ingest.stream;

/** Over a socket, with the flow control of HTTP/2. */
class TcpStreamTest extends StreamSemantics {

  @Override
  boolean overTcp() {
    return true;
  }
}
