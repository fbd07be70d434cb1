package io.canaryjudge.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens a connection to a judge. One channel serves any number of producers and clients; shut it
 * down when the last of them is closed.
 *
 * <p>Without TLS nothing is encrypted, and a token would be readable on the way: {@link #open}
 * refuses a token on a plaintext connection that leaves the machine.
 */
public final class JudgeChannel {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final String target;
  private TlsChannelCredentials.@Nullable Builder tls;
  private @Nullable Supplier<String> token;

  private JudgeChannel(String target) {
    this.target = target;
  }

  /**
   * Begins with a plaintext connection.
   *
   * @param target {@code host:port}, or any other gRPC target
   */
  public static JudgeChannel to(String target) {
    return new JudgeChannel(target);
  }

  /** Encrypts, and trusts the certificates that the JDK trusts. */
  public JudgeChannel tls() {
    tls = TlsChannelCredentials.newBuilder();
    return this;
  }

  /**
   * Encrypts, and trusts only what these certificates have signed.
   *
   * @param certificates PEM file
   * @throws IOException if it cannot be read
   */
  public JudgeChannel tls(File certificates) throws IOException {
    tls = TlsChannelCredentials.newBuilder().trustManager(certificates);
    return this;
  }

  /**
   * Shows a certificate of its own (mutual TLS). After one of the {@code tls} methods.
   *
   * @param certificate PEM file with the certificate chain
   * @param key PEM file with the private key, PKCS#8, not encrypted
   * @throws IOException if one cannot be read
   */
  public JudgeChannel clientCertificate(File certificate, File key) throws IOException {
    if (tls == null) {
      throw new IllegalStateException("clientCertificate: needs TLS (expected: tls(...) before)");
    }
    tls.keyManager(certificate, key);
    return this;
  }

  /**
   * Sends a bearer token with each call.
   *
   * @param source asked at each call, so that a token may be renewed; must not block for long
   */
  public JudgeChannel bearerToken(Supplier<String> source) {
    token = source;
    return this;
  }

  /** Opens the channel. It connects at the first call, and again whenever it has to. */
  public ManagedChannel open() {
    if (token != null && tls == null && !isLoopback()) {
      throw new IllegalStateException(
          "bearerToken: plaintext to " + target + " (expected: TLS, or a loopback address)");
    }
    ChannelCredentials credentials =
        tls == null ? InsecureChannelCredentials.create() : tls.build();
    var builder = Grpc.newChannelBuilder(target, credentials);
    if (token != null) {
      builder.intercept(new BearerToken(token));
    }
    return builder.build();
  }

  private boolean isLoopback() {
    int colon = target.lastIndexOf(':');
    return LOOPBACK.contains(colon < 0 ? target : target.substring(0, colon));
  }

  private record BearerToken(Supplier<String> source) implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> responses, Metadata headers) {
          headers.put(AUTHORIZATION, "Bearer " + source.get());
          super.start(responses, headers);
        }
      };
    }
  }
}
