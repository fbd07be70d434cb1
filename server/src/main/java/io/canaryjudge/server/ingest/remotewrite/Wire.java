package io.canaryjudge.server.ingest.remotewrite;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;

/** What reading protobuf by hand takes beyond {@link CodedInputStream}. */
final class Wire {

  private Wire() {}

  /** Skips a field that is not read. */
  static void skip(CodedInputStream in, int tag) throws IOException {
    if (!in.skipField(tag)) {
      throw new InvalidProtocolBufferException("a group ends that did not begin");
    }
  }

  /** Skips the content of a field whose tag said that it has a length. */
  static void skipContent(CodedInputStream in) throws IOException {
    in.skipRawBytes(in.readRawVarint32());
  }
}
