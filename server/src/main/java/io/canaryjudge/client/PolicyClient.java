package io.canaryjudge.client;

import io.canaryjudge.proto.v1.CheckMetricSourcesRequest;
import io.canaryjudge.proto.v1.CheckMetricSourcesResponse;
import io.canaryjudge.proto.v1.CreatePolicyRequest;
import io.canaryjudge.proto.v1.GetPolicyRequest;
import io.canaryjudge.proto.v1.LintPolicyRequest;
import io.canaryjudge.proto.v1.LintPolicyResponse;
import io.canaryjudge.proto.v1.ListPoliciesRequest;
import io.canaryjudge.proto.v1.Policy;
import io.canaryjudge.proto.v1.PolicyServiceGrpc;
import io.canaryjudge.proto.v1.PolicyServiceGrpc.PolicyServiceBlockingStub;
import io.canaryjudge.proto.v1.UpdatePolicyRequest;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a pipeline that keeps policies as files needs of a judge. Calls are repeated while the judge
 * is out of reach; none of them has an effect twice. Thread-safe.
 */
public final class PolicyClient {

  private static final int PAGE = 200;

  private final RepeatedCalls<PolicyServiceBlockingStub> calls;

  /**
   * Prepares a client.
   *
   * @param channel a channel to the judge, see {@link JudgeChannel}
   * @param retryTimeout for how long a call is tried again while the judge is out of reach
   */
  public PolicyClient(ManagedChannel channel, Duration retryTimeout) {
    this.calls =
        new RepeatedCalls<>(channel, PolicyServiceGrpc.newBlockingStub(channel), retryTimeout);
  }

  /**
   * Gets the current revision of a policy, or a past one; empty if there is none.
   *
   * @param name {@code policies/{policy}} or {@code policies/{policy}/revisions/{revision}}
   */
  public Optional<Policy> find(String name) throws InterruptedException {
    var request = GetPolicyRequest.newBuilder().setName(name).build();
    try {
      return Optional.of(calls.repeat(stub -> stub.getPolicy(request).getPolicy()));
    } catch (JudgeCallException e) {
      if (e.reason().equals("POLICY_NOT_FOUND")) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Lists the current revisions of all policies, by name. */
  public List<Policy> list() throws InterruptedException {
    List<Policy> policies = new ArrayList<>();
    String page = "";
    do {
      var request = ListPoliciesRequest.newBuilder().setPageSize(PAGE).setPageToken(page).build();
      var response = calls.repeat(stub -> stub.listPolicies(request));
      policies.addAll(response.getPoliciesList());
      page = response.getNextPageToken();
    } while (!page.isEmpty());
    return List.copyOf(policies);
  }

  /**
   * Reads the text of a policy file as the judge would, and stores nothing.
   *
   * @param text YAML or JSON
   */
  public LintPolicyResponse lint(String text) throws InterruptedException {
    var request = LintPolicyRequest.newBuilder().setText(text).build();
    return calls.repeat(stub -> stub.lintPolicy(request));
  }

  /** Shows which series the metrics of a policy would be made of, and stores nothing. */
  public CheckMetricSourcesResponse checkSources(CheckMetricSourcesRequest request)
      throws InterruptedException {
    return calls.repeat(stub -> stub.checkMetricSources(request));
  }

  /**
   * Creates a policy.
   *
   * @param policy with its name
   * @param author who creates it
   * @param reason why
   * @throws JudgeCallException POLICY_EXISTS, or POLICY_INVALID with every violation
   */
  public Policy create(Policy policy, String author, String reason) throws InterruptedException {
    var request =
        CreatePolicyRequest.newBuilder()
            .setPolicy(policy)
            .setAuthor(author)
            .setReason(reason)
            .setRequestId(UUID.randomUUID().toString())
            .build();
    return calls.repeat(stub -> stub.createPolicy(request).getPolicy());
  }

  /**
   * Appends a revision. If the answer to a first try was lost, the second one is refused with
   * POLICY_ETAG_MISMATCH: read again and compare.
   *
   * @param policy with its name, and the etag of the policy that was read
   * @param author who changes it
   * @param reason why
   * @throws JudgeCallException POLICY_ETAG_MISMATCH if somebody else was faster, or POLICY_INVALID
   */
  public Policy update(Policy policy, String author, String reason) throws InterruptedException {
    var request =
        UpdatePolicyRequest.newBuilder()
            .setPolicy(policy)
            .setAuthor(author)
            .setReason(reason)
            .build();
    return calls.repeat(stub -> stub.updatePolicy(request).getPolicy());
  }
}
