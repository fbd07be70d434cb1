package io.canaryjudge.server.ingest.series;

/**
 * One spelling for the names of labels and series. OpenTelemetry writes {@code service.version}
 * what Prometheus has to write {@code service_version}; a run should not have to know by which way
 * its series come.
 */
public final class LabelNames {

  private LabelNames() {}

  /**
   * A name as Prometheus would write it: each character other than a letter of ASCII, a digit or an
   * underscore becomes an underscore.
   */
  public static String normal(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (!isPlain(name.charAt(i))) {
        return replaced(name, i);
      }
    }
    return name;
  }

  private static String replaced(String name, int from) {
    char[] chars = name.toCharArray();
    for (int i = from; i < chars.length; i++) {
      if (!isPlain(chars[i])) {
        chars[i] = '_';
      }
    }
    return new String(chars);
  }

  private static boolean isPlain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }
}
