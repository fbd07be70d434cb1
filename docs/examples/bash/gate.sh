#!/usr/bin/env bash
# A gate with nothing but bash and curl: opens a run, and waits for its decision.
#
#   gate.sh SERVICE BASELINE_VERSION CANARY_VERSION
#
# Ends with 0 for GO, 1 for NO_GO, 2 for INCONCLUSIVE, 3 without a decision in time, 4 for wrong
# arguments, 5 if the judge is out of reach or refuses. Only 0 may promote; and nothing but NO_GO is 1,
# as any failure of a command would be under set -e.
set -uo pipefail

[ $# = 3 ] || { echo "usage: gate.sh SERVICE BASELINE_VERSION CANARY_VERSION" >&2; exit 4; }

judge=${JUDGE:-http://localhost:8080}
policy=${POLICY:-standard}
patience=${PATIENCE:-3600} # seconds
hold=${HOLD:-60}           # seconds that the server holds a question for which there is no answer yet

# curl reads the token as configuration: its arguments are seen by everybody on the machine.
ask() {
  curl --silent --show-error --fail-with-body --max-time $((hold + 30)) \
    --retry 5 --retry-connrefused --header 'Content-Type: application/json' \
    --config <(printf '%s' "${CANARY_JUDGE_TOKEN:+header = \"Authorization: Bearer $CANARY_JUDGE_TOKEN\"}") \
    "$@"
}

# What came instead of an answer, if anything did.
no_answer() {
  echo "$1" >&2
  exit 5
}

# The first text of a name in an answer.
text() { [[ $2 =~ \"$1\":\ *\"([^\"]*)\" ]] && printf '%s' "${BASH_REMATCH[1]}"; }

# The same request id for each try of one deployment gets the same run, such as one made of the id
# of the pipeline. It has the form of a UUID.
request=${REQUEST_ID:-$(cat /proc/sys/kernel/random/uuid)}
created=$(ask "$judge/api/v1/analysisRuns" --data "{
  \"request_id\": \"$request\",
  \"analysis_run\": {\"service\": \"$1\", \"baseline_version\": \"$2\", \"canary_version\": \"$3\",
    \"policy\": \"policies/$policy\"}}") || no_answer "$created"
run=$(text name "$created") || no_answer "$created"
echo "$run"

while ((SECONDS < patience)); do
  verdict=$(ask "$judge/api/v1/$run/verdict?wait=${hold}s") || no_answer "$verdict"
  decision=$(text decision "$verdict") || no_answer "$verdict"
  echo "$decision: $(text explanation "$verdict")"
  case $decision in
    DECISION_GO) exit 0 ;;
    DECISION_NO_GO) exit 1 ;;
    DECISION_INCONCLUSIVE) exit 2 ;;
  esac
done
exit 3
