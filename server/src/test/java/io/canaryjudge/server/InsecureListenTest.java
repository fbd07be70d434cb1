package io.canaryjudge.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.canaryjudge.proto.v1.JudgeGrpc;
import io.canaryjudge.proto.v1.ListAnalysisRunsRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A server that other machines can connect to. */
class InsecureListenTest {

  @TempDir private Path directory;

  /** An address of this machine beyond loopback; one that stands for all of them if it has none. */
  private static String ownAddress() throws SocketException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
        .map(InetAddress::getHostAddress)
        .findFirst()
        .orElse("0.0.0.0");
  }

  @Test
  void withoutCredentialsItTakesAFlagAndIsSaidAtEveryStart() throws Exception {
    String address = ownAddress();
    for (int start = 0; start < 2; start++) {
      try (CapturedLog log = CapturedLog.of(Server.class);
          Server server =
              TestServer.startServer(
                  directory, Map.of("listen", address, "insecure-listen", "true"))) {
        assertThat(log.lines(Level.WARNING))
            .containsExactly(
                "INSECURE: "
                    + address
                    + " can be reached from other machines, with plain text and open to anybody who"
                    + " can connect; set tls.certificate, tls.key and access.file, or listen on"
                    + " 127.0.0.1");
        assertBothPortsAnswer(server, address);
      }
    }
  }

  private static void assertBothPortsAnswer(Server server, String address) throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(address, server.grpcPort()).usePlaintext().build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      JudgeGrpc.newBlockingStub(channel)
          .withDeadlineAfter(30, TimeUnit.SECONDS)
          .listAnalysisRuns(ListAnalysisRunsRequest.getDefaultInstance());
      URI ready = URI.create("http://" + address + ":" + server.httpPort() + "/health/ready");
      assertThat(
              http.send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(200);
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void withoutTheFlagTheServerDoesNotStart() throws Exception {
    StringWriter err = new StringWriter();
    CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(err));

    int exit =
        commandLine.execute(
            "server",
            "--listen=" + ownAddress(),
            "--database=jdbc:sqlite:" + directory.resolve("judge.db"));

    assertThat(exit).isEqualTo(ServerCommand.EXIT_CONFIG);
    assertThat(err.toString())
        .startsWith("listen: " + ownAddress() + " (expected: a loopback address, or TLS")
        .contains("insecure-listen: true");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void onLoopbackNobodyIsWarned() {
    try (CapturedLog log = CapturedLog.of(Server.class);
        Server server = TestServer.startServer(directory, Map.of())) {
      assertThat(server.grpcPort()).isPositive();
      assertThat(log.lines(Level.WARNING)).isEmpty();
      assertThat(log.lines(Level.INFO))
          .contains(
              "callers are not asked for credentials, so only this machine can connect"
                  + " (127.0.0.1)");
    }
  }
}
