package io.canaryjudge.analysis.verdict;

import io.canaryjudge.analysis.aggregate.Arm;
import io.canaryjudge.analysis.inference.ExpectedTime;
import io.canaryjudge.analysis.inference.RunEvidence;
import io.canaryjudge.analysis.policy.Policy;
import io.canaryjudge.analysis.policy.Tolerance;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The judgement of one run: a deterministic state machine over its log.
 *
 * <p>Live runs, retrospective runs, replay and recovery after a crash are the same thing: entries
 * go in, verdicts come out. Owned by one thread at a time.
 */
public final class RunAnalysis {
  private static final int CHECKPOINT_VERSION = 2;

  /** Knew policies by another form of theirs, so its fingerprint tells nothing any more. */
  private static final int OF_OLDER_POLICIES = 1;

  private final Policy policy;
  private final long startMillis;
  private final int attempt;
  private final Assessor assessor;
  private final boolean comparing; // whether any threshold looks at the baseline
  private final RunEvidence evidence;
  private final CheckBook checks;

  private RunLife life = RunLife.BEGINNING;
  private @Nullable HumanOverride override;
  private long revision;
  private long sealedWindows;
  private int step = -1;
  private double weight = Double.NaN;
  private long stepWindow; // windows sealed when the step began
  private long goWindow; // windows sealed at GO
  private ExpectedTime harmTime = new ExpectedTime(); // of all metrics together

  // What follows is computed from the state.
  private Assessment assessment;
  private Verdict verdict;

  private RunAnalysis(Policy policy, long startMillis, int attempt) {
    this.policy = policy;
    this.startMillis = startMillis;
    this.attempt = attempt;
    this.assessor = new Assessor(policy, attempt);
    this.comparing =
        policy.metrics().stream()
            .flatMap(metric -> metric.thresholds().stream())
            .anyMatch(threshold -> threshold.noGo() instanceof Tolerance.Change);
    this.evidence = new RunEvidence(policy, startMillis);
    this.checks = new CheckBook(policy, startMillis);
    this.assessment = assessor.assess(evidence);
    this.verdict = buildVerdict();
  }

  /** Begins a run that is not linked to other attempts. */
  public static RunAnalysis begin(Policy policy, long startMillis) {
    return begin(policy, startMillis, AttemptBudget.NOT_LINKED);
  }

  /**
   * Begins a run.
   *
   * @param policy a valid policy
   * @param startMillis start of window 0, epoch milliseconds
   * @param attempt number of the attempt at the artifact; see {@link AttemptBudget}
   */
  public static RunAnalysis begin(Policy policy, long startMillis, int attempt) {
    return new RunAnalysis(policy, startMillis, attempt);
  }

  /** Continues a run that is not linked to other attempts. */
  public static RunAnalysis restore(Policy policy, long startMillis, DataInput checkpoint)
      throws IOException {
    return restore(policy, startMillis, AttemptBudget.NOT_LINKED, checkpoint);
  }

  /**
   * Continues from a checkpoint, to the bit.
   *
   * @param policy the policy that the run began with
   * @param startMillis the start that the run began with
   * @param attempt the attempt that the run began as
   * @param checkpoint what {@link #write} wrote
   * @throws IOException if it is not a checkpoint of this policy
   */
  public static RunAnalysis restore(
      Policy policy, long startMillis, int attempt, DataInput checkpoint) throws IOException {
    RunAnalysis run = new RunAnalysis(policy, startMillis, attempt);
    run.read(checkpoint);
    return run;
  }

  /**
   * Takes the next entry of the log.
   *
   * @return the verdict that follows
   * @throws IllegalArgumentException if a window is sealed out of order, or an entry does not fit
   *     the state of the run; nothing has changed then
   */
  public Verdict apply(LogEntry entry) {
    RunTransitions.check(life, entry);
    switch (entry) {
      case LogEntry.WindowSealed sealed -> seal(sealed);
      case LogEntry.StepReported reported -> moveTo(reported);
      case LogEntry.CheckReported reported -> {
        checks.check(reported);
        checks.take(reported);
      }
      case LogEntry.Overridden overridden -> override = recorded(overridden);
      case LogEntry.Cancelled _, LogEntry.DataEnded _ -> {}
    }
    revision++;
    boolean decided = life.decision() == Decision.GO;
    life = RunTransitions.after(life, entry, finding(), limits());
    if (life.decision() == Decision.GO && !decided) {
      goWindow = sealedWindows;
    }
    verdict = buildVerdict();
    return verdict;
  }

  /** The present verdict. */
  public Verdict verdict() {
    return verdict;
  }

  /** Writes a checkpoint. */
  public void write(DataOutput out) throws IOException {
    out.writeByte(CHECKPOINT_VERSION);
    out.writeLong(fingerprint());
    Constants.write(life.state(), out);
    Constants.write(life.decision(), out);
    Constants.write(life.reason(), out);
    out.writeBoolean(life.open());
    out.writeBoolean(override != null);
    if (override != null) {
      Constants.write(override.decision(), out);
      out.writeUTF(override.by());
      out.writeUTF(override.reason());
      out.writeLong(override.atMillis());
    }
    out.writeLong(revision);
    out.writeLong(sealedWindows);
    out.writeInt(step);
    out.writeDouble(weight);
    out.writeLong(stepWindow);
    out.writeLong(goWindow);
    checks.write(out);
    harmTime.write(out);
    evidence.write(out);
  }

  private void read(DataInput in) throws IOException {
    int version = in.readByte();
    if (version != CHECKPOINT_VERSION && version != OF_OLDER_POLICIES) {
      throw new StreamCorruptedException(
          "checkpoint version: " + version + " (expected: at most " + CHECKPOINT_VERSION + ")");
    }
    if (in.readLong() != fingerprint() && version != OF_OLDER_POLICIES) {
      throw new StreamCorruptedException(
          "checkpoint: of another policy or start (expected: of policy " + policy.name() + ")");
    }
    life =
        new RunLife(
            Constants.read(RunState.class, in),
            Constants.read(Decision.class, in),
            Constants.read(Reason.class, in),
            in.readBoolean());
    override =
        in.readBoolean()
            ? new HumanOverride(
                Constants.read(Decision.class, in), in.readUTF(), in.readUTF(), in.readLong())
            : null;
    revision = in.readLong();
    sealedWindows = in.readLong();
    step = in.readInt();
    weight = in.readDouble();
    stepWindow = in.readLong();
    goWindow = in.readLong();
    checks.read(in, version);
    harmTime = ExpectedTime.read(in);
    evidence.read(in);
    assessment = assessor.assess(evidence);
    verdict = buildVerdict();
  }

  private void seal(LogEntry.WindowSealed sealed) {
    if (sealed.index() != sealedWindows) {
      throw new IllegalArgumentException(
          "index: " + sealed.index() + " (expected: " + sealedWindows + ")");
    }
    sealedWindows++;
    evidence.fold(sealed.content(), sealed.interrupted());
    assessment = assessor.assess(evidence);
    harmTime.add(assessment.logHarm());
  }

  private void moveTo(LogEntry.StepReported reported) {
    if (reported.step() < Math.max(step, 0)) {
      throw new IllegalArgumentException(
          "step: " + reported.step() + " (expected: >= " + Math.max(step, 0) + ")");
    }
    if (!(reported.weight() >= 0 && reported.weight() <= 100)) {
      throw new IllegalArgumentException(
          "weight: " + reported.weight() + " (expected: in [0, 100])");
    }
    if (reported.step() == step && reported.weight() == weight) {
      return;
    }
    evidence.expectTraffic(weight, reported.weight());
    step = reported.step();
    weight = reported.weight();
    stepWindow = sealedWindows;
    checks.moveTo(step, sealedWindows);
  }

  private static HumanOverride recorded(LogEntry.Overridden overridden) {
    Decision decision = overridden.decision();
    if (decision != Decision.GO && decision != Decision.NO_GO) {
      throw new IllegalArgumentException("decision: " + decision + " (expected: GO or NO_GO)");
    }
    return new HumanOverride(decision, overridden.by(), overridden.reason(), overridden.atMillis());
  }

  /** Harm first, then silence; then whatever is missing for GO. */
  private Finding finding() {
    boolean begun = evidence.seen(Arm.CANARY) && (!comparing || evidence.seen(Arm.BASELINE));
    Finding checked = checks.finding(begun, sealedWindows);
    if (assessment.harmful()) {
      return new Finding(Decision.NO_GO, assessment.reason(), begun);
    }
    if (checked.decision() == Decision.NO_GO) {
      return checked;
    }
    if (evidence.canarySilent() && !life.watching()) {
      return switch (policy.onMissingData()) {
        case NO_GO -> new Finding(Decision.NO_GO, Reason.NO_DATA, begun);
        case INCONCLUSIVE -> new Finding(Decision.INCONCLUSIVE, Reason.NO_DATA, begun);
      };
    }
    if (!begun) {
      return new Finding(Decision.WAIT, Reason.NO_SAMPLES, false);
    }
    if (checked.reason() == Reason.CHECK_FAILED || checked.reason() == Reason.CHECK_EXPIRED) {
      return checked;
    }
    return assessment.safe()
        ? guarded(checked)
        : new Finding(Decision.WAIT, assessment.reason(), true);
  }

  /** The evidence is enough for GO: is all the rest? */
  private Finding guarded(Finding checked) {
    if (evidence.identicalArms().beyondChance()) {
      return new Finding(Decision.WAIT, Reason.IDENTICAL_ARMS, true);
    }
    if (evidence.splitIsOff()) {
      return new Finding(Decision.WAIT, Reason.SAMPLE_RATIO, true);
    }
    if (!(evidence.coverage().share() >= policy.minimumCoverage())
        || !evidence.coverage().canaryPresent()) {
      return new Finding(Decision.WAIT, Reason.LOW_COVERAGE, true);
    }
    if (stepWindowsLeft() > 0) {
      return new Finding(Decision.WAIT, Reason.MINIMUM_TIME, true);
    }
    return checked; // GO, or waiting for a check
  }

  /** Windows until the present step has lasted for the minimum time. */
  private long stepWindowsLeft() {
    long needed = Math.ceilDiv(policy.minimumStepMillis(), policy.windowMillis());
    return Math.max(0, needed - (sealedWindows - stepWindow));
  }

  private RunTransitions.Limits limits() {
    long elapsed = sealedWindows * policy.windowMillis();
    long sinceGo =
        life.decision() == Decision.GO ? (sealedWindows - goWindow) * policy.windowMillis() : 0;
    return new RunTransitions.Limits(
        policy.deadlineMillis() > 0 && elapsed >= policy.deadlineMillis(),
        sinceGo >= policy.watchAfterGoMillis());
  }

  private Verdict buildVerdict() {
    boolean ended = !life.open();
    return new Verdict(
        revision,
        life.state(),
        life.decision(),
        life.reason(),
        override,
        sealedWindows,
        startMillis + sealedWindows * policy.windowMillis(),
        step,
        weight,
        assessment.logHarm(),
        assessor.harmLine(),
        life.decision() == Decision.WAIT ? expectedMillis() : OptionalLong.empty(),
        ended ? Ending.of(assessment.metrics()) : assessment.metrics(),
        checks.verdicts(sealedWindows),
        caveats(),
        life.open());
  }

  /** Whichever comes first: the evidence of harm, or all that GO needs. */
  private OptionalLong expectedMillis() {
    double untilGo =
        evidence.identicalArms().beyondChance()
            ? Double.POSITIVE_INFINITY // it takes a person
            : Math.max(assessor.windowsUntilSafe(evidence), (double) stepWindowsLeft());
    double untilNoGo = harmTime.windowsUntil(assessor.harmLine());
    return assessor.millis(evidence, Math.min(untilGo, untilNoGo));
  }

  private Set<Caveat> caveats() {
    EnumSet<Caveat> caveats = EnumSet.noneOf(Caveat.class);
    int canaries = evidence.instances().count(Arm.CANARY);
    int baselines = evidence.instances().count(Arm.BASELINE);
    if (canaries == 1) {
      caveats.add(Caveat.SINGLE_CANARY_INSTANCE);
    }
    if ((canaries > 0 && canaries < 3) || (comparing && baselines > 0 && baselines < 3)) {
      caveats.add(Caveat.FEW_INSTANCES);
    }
    if (evidence.instances().tooMany()) {
      caveats.add(Caveat.TOO_MANY_INSTANCES);
    }
    if (evidence.interpolated()) {
      caveats.add(Caveat.RESOLUTION_APPROX);
    }
    if (evidence.identicalArms().suspected()) {
      caveats.add(Caveat.IDENTICAL_ARMS);
    }
    if (evidence.strataPooled()) {
      caveats.add(Caveat.STRATA_POOLED);
    }
    if (evidence.strataUnmatched()) {
      caveats.add(Caveat.STRATA_UNMATCHED);
    }
    return caveats;
  }

  /** Tells checkpoints of different policies, starts or attempts apart. */
  private long fingerprint() {
    CRC32C crc = new CRC32C();
    String linked = attempt == AttemptBudget.NOT_LINKED ? "" : "#" + attempt;
    crc.update((policy + "@" + startMillis + linked).getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }
}
