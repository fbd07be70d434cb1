#!/usr/bin/env bash
# Rolls a release out in steps: promotes it on GO, and takes it back on anything else.
#
#   rollout.sh SERVICE BASELINE_VERSION CANARY_VERSION
#
# Ends with 0 after a promotion; else the canary has no traffic any more, and the exit code says why:
# 1 NO_GO, 2 INCONCLUSIVE, 3 no decision in time, 5 judge out of reach.
set -euo pipefail

service=$1 baseline=$2 canary=$3
judge=${CANARY_JUDGE:-canary-judge} # also reads CANARY_JUDGE_SERVER, CANARY_JUDGE_TOKEN, ...
hold=${HOLD:-5m}                    # how long each step but the last is looked at
decide=${DECIDE:-30m}               # how long the last one may take to a decision

# What moves the traffic: in your system a call of the mesh, the ingress or the load balancer.
set_weight() { "$judge" demo route "$1"; }

# However this script ends, unless it promotes, the canary ends without traffic.
finish() {
  code=$?
  trap - EXIT
  set_weight 0
  if [ "$code" -gt 1 ]; then
    "$judge" run cancel --reason "rollout.sh ended with $code" || true # ended already: fine
  fi
  echo "ROLLED BACK: $service $canary, exit code $code"
  exit "$code"
}

# The same ROLLOUT_ID for each try of one rollout, such as the id of the pipeline.
CANARY_JUDGE_RUN=$("$judge" run create --service "$service" --baseline "$baseline" \
  --canary "$canary" --policy "${POLICY:-rollout}" --plan 5,25,50 \
  ${ROLLOUT_ID:+--request-id "$ROLLOUT_ID"})
export CANARY_JUDGE_RUN
trap finish EXIT

for weight in 5 25 50; do
  echo "STEP $weight %"
  set_weight "$weight"
  "$judge" run step "$weight"
  timeout=$hold
  [ "$weight" = 50 ] && timeout=$decide
  code=0
  "$judge" wait --timeout "$timeout" || code=$?
  case $code in
    0) break ;;                                   # GO: no need for further steps
    3) [ "$weight" != 50 ] || exit "$code" ;;     # nothing against it so far: the next step
    *) exit "$code" ;;                            # NO_GO, INCONCLUSIVE, judge out of reach
  esac
done

echo "STEP 100 %"
set_weight 100
trap - EXIT
echo "PROMOTED: $service $canary"
