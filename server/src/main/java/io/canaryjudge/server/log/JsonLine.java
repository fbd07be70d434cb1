package io.canaryjudge.server.log;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** One JSON object per line, with the fields of {@link TextLine}. */
final class JsonLine extends Formatter {

  private final ObjectMapper mapper = new ObjectMapper();

  @Override
  public String format(LogRecord record) {
    ObjectNode line = mapper.createObjectNode();
    LogFields.of(this, record).forEach(line::put);
    return line + "\n";
  }
}
