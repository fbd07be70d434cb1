package io.canaryjudge.server.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canaryjudge.analysis.policy.Policy;
import org.junit.jupiter.api.Test;

class PolicyWriterTest {

  @Test
  void readsTheEqualPolicyFromJson() {
    for (Policy policy : ValidPolicies.some(300)) {
      String json = PolicyWriter.toJson(policy);

      assertThat(PolicyReader.read(json).orThrow()).isEqualTo(policy);
      assertThat(PolicyReader.readStored(json)).isEqualTo(policy);
      assertThat(PolicyReader.read(PolicyWriter.toTree(policy)).orThrow()).isEqualTo(policy);
      assertThat(PolicyWriter.toJson(PolicyReader.readStored(json))).isEqualTo(json);
    }
  }

  @Test
  void readsTheEqualPolicyFromYaml() {
    for (Policy policy : ValidPolicies.some(300)) {
      assertThat(PolicyReader.read(PolicyWriter.toYaml(policy)).orThrow()).isEqualTo(policy);
    }
  }

  @Test
  void theCanonicalFormIsStable() {
    Policy policy =
        PolicyReader.read(
                """
                window: 5s
                beta: 5e-2
                alpha: .01
                name: policies/checkout
                metrics:
                  - thresholds: [{go: {floor: 1e-2}, floor: 0.005, relative: 0.5}]
                    kind: proportion
                    name: error_rate
                traffic_plan: {weights: [5.0, 25]}
                overridable: [traffic_plan, deadline]
                """)
            .orThrow();

    assertThat(PolicyWriter.toJson(policy))
        .isEqualTo(
            "{'name':'checkout','description':'','alpha':0.01,'beta':0.05,'window':'5s',"
                    .replace('\'', '"')
                + ("'lateness':'10s','warm_up':'0s','minimum_step_time':'0s','deadline':'0s',"
                        + "'watch_after_go':'0s','burst_guard':'15s','minimum_coverage':0.8,"
                        + "'instance_coefficient_of_variation':0,'on_missing_data':'no_go',"
                        + "'on_inconclusive':'hold','metrics':[{'name':'error_rate',"
                        + "'kind':'proportion','unit':'1','harmful_direction':'increase',"
                        + "'role':'decides','weight':1,'during_warm_up':false,'minimum_events':5,"
                        + "'thresholds':[{'relative':0.5,'absolute':0,'floor':0.005,"
                        + "'go':{'relative':0.5,'absolute':0,'floor':0.01}}]}],'checks':[],"
                        + "'traffic_plan':{'weights':[5,25],'verify_split':false},"
                        + "'overridable':['deadline','traffic_plan']}")
                    .replace('\'', '"'));
    assertThat(PolicyWriter.toYaml(policy))
        .startsWith("name: checkout\ndescription: \"\"\nalpha: 0.01\n")
        .contains(
            """
            metrics:
              - name: error_rate
                kind: proportion
                unit: "1"
            """);
  }

  @Test
  void whatIsStoredWasWrittenHere() {
    assertThatThrownBy(() -> PolicyReader.readStored("{\"name\": \"a\", \"colour\": \"red\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("colour: unknown key");
    assertThatThrownBy(() -> PolicyReader.readStored("not json"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
