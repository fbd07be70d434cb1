package io.canaryjudge.server.security;

import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * The names in a client certificate: subject alternative names (DNS, URI), then the common name.
 */
public final class CertificateNames {

  private static final int DNS = 2;
  private static final int URI = 6;

  private CertificateNames() {}

  /** Names of the peer of a session; empty if it showed no certificate. */
  public static List<String> of(SSLSession session) {
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain[0] instanceof X509Certificate certificate ? of(certificate) : List.of();
    } catch (SSLPeerUnverifiedException _) {
      return List.of();
    }
  }

  /** Names in a certificate. */
  public static List<String> of(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> alternative : alternatives) {
          if (alternative.get(0) instanceof Integer kind && (kind == DNS || kind == URI)) {
            names.add(String.valueOf(alternative.get(1)));
          }
        }
      }
      for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN")) {
          names.add(String.valueOf(part.getValue()));
        }
      }
    } catch (CertificateParsingException | InvalidNameException _) {
      // A certificate that cannot be read names nobody; what was read before may stand.
    }
    return List.copyOf(names);
  }
}
