package io.canaryjudge.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.canaryjudge.proto.v1.AnalysisRun;
import io.canaryjudge.proto.v1.ArmSelection;
import io.canaryjudge.proto.v1.CreateAnalysisRunRequest;
import io.canaryjudge.proto.v1.LabelMatcher;
import org.junit.jupiter.api.Test;

class RunMessagesTest {

  private static io.canaryjudge.server.store.ArmSelection read(AnalysisRun run) {
    CreateAnalysisRunRequest request =
        CreateAnalysisRunRequest.newBuilder()
            .setAnalysisRun(run.toBuilder().setPolicy("policies/standard"))
            .build();
    return RunMessages.toCreate(request, "").arms();
  }

  @Test
  void aSelectionOfArmsComesBackWhole() {
    LabelMatcher matcher =
        LabelMatcher.newBuilder().setLabel("http.route").addValues("/cart*").addValues("").build();
    ArmSelection arms =
        ArmSelection.newBuilder()
            .addScope(matcher)
            .setLabel("track")
            .setBaselineValue("stable")
            .setCanaryValue("canary")
            .addBaseline(LabelMatcher.newBuilder().setLabel("a"))
            .addBaseline(matcher)
            .addCanary(matcher)
            .setInstanceLabel("pod")
            .build();
    // Each field of the message, so that none is forgotten here.
    for (FieldDescriptor field : ArmSelection.getDescriptor().getFields()) {
      assertThat(arms.getAllFields()).containsKey(field);
    }

    assertThat(ArmMessages.toProto(read(AnalysisRun.newBuilder().setArms(arms).build())))
        .isEqualTo(arms);
  }

  @Test
  void nothingSaidIsTheDefault() {
    io.canaryjudge.server.store.ArmSelection standard =
        io.canaryjudge.server.store.ArmSelection.DEFAULT;
    assertThat(read(AnalysisRun.getDefaultInstance())).isEqualTo(standard);
    assertThat(read(AnalysisRun.newBuilder().setArms(ArmSelection.getDefaultInstance()).build()))
        .isEqualTo(standard);
  }
}
