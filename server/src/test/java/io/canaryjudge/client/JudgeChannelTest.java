package io.canaryjudge.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.proto.v1.AnalysisRun;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class JudgeChannelTest {

  @Test
  void sendsTheTokenOfTheMoment() throws Exception {
    var seen = new AtomicReference<String>();
    var authorization = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new FakeJudge())
            .intercept(
                new ServerInterceptor() {
                  @Override
                  public <Q, A> ServerCall.Listener<Q> interceptCall(
                      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                    seen.set(headers.get(authorization));
                    return next.startCall(call, headers);
                  }
                })
            .build()
            .start();
    var token = new AtomicReference<>("first");
    var channel = JudgeChannel.to("127.0.0.1:" + server.getPort()).bearerToken(token::get).open();
    try {
      var client = new JudgeClient(channel);
      client.createRun(AnalysisRun.getDefaultInstance(), UUID.randomUUID());
      assertThat(seen).hasValue("Bearer first");
      token.set("second");
      client.createRun(AnalysisRun.getDefaultInstance(), UUID.randomUUID());
      assertThat(seen).hasValue("Bearer second");
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  @Test
  void neverSendsATokenInPlaintextOffTheMachine() {
    assertThatThrownBy(
            () -> JudgeChannel.to("judge.example:9090").bearerToken(() -> "secret").open())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "bearerToken: plaintext to judge.example:9090 (expected: TLS, or a loopback address)");
    JudgeChannel.to("judge.example:9090").tls().bearerToken(() -> "secret").open().shutdownNow();
  }
}
