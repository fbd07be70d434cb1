package io.canaryjudge.server.ingest.pull;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Which server is asked, and how.
 *
 * @param url of the server, without {@code /api/v1}
 * @param interval from one reading to the next
 * @param timeout of a query
 * @param tokenFile holds a bearer token; read for each query, since such tokens are renewed
 * @param user user name for basic authentication; empty for none
 * @param passwordFile holds its password, likewise
 * @param trust authorities of certificates; empty for those that the JDK trusts
 * @param tenant value of the header {@code X-Scope-OrgID}; empty for none
 * @param maxSeries most series in an answer
 * @param maxResponseBytes most bytes in an answer
 */
public record PullSettings(
    URI url,
    Duration interval,
    Duration timeout,
    Optional<Path> tokenFile,
    String user,
    Optional<Path> passwordFile,
    Optional<SSLContext> trust,
    String tenant,
    int maxSeries,
    int maxResponseBytes) {}
