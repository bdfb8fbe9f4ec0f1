#!/usr/bin/env bash
# Lints the chart and compares what it renders, for each values file in testdata, with the golden beside it; values that
# must be refused lie in testdata/refused. With -update it accepts what is rendered.
set -euo pipefail
cd "$(dirname "$0")"
: "${HELM:=helm}"
chart=wardscope-hub
# A fixed version of Kubernetes, so that the same files come out everywhere.
render() { "$HELM" template ward "$chart" --namespace wardscope --kube-version 1.34.4 --values "$1"; }
passed=0 failed=0
fail() { echo "FAIL $*" >&2; failed=$((failed + 1)); }

for values in testdata/*.values.yaml; do
  golden=${values%.values.yaml}.golden.yaml
  "$HELM" lint --strict --quiet "$chart" --values "$values" || { fail "lint with $values"; continue; }
  if [ "${1:-}" = -update ]; then
    render "$values" >"$golden"
  fi
  if diff -u "$golden" <(render "$values"); then
    passed=$((passed + 1))
  else
    fail "$values renders otherwise than $golden; if that is meant: make helm-golden"
  fi
done
for values in testdata/refused/*.yaml; do
  want=$(sed -n '1s/^# //p' "$values")
  if out=$(render "$values" 2>&1); then
    fail "$values is accepted"
  elif [[ $out != *"$want"* ]]; then
    fail "$values is refused without saying \"$want\": $out"
  else
    passed=$((passed + 1))
  fi
done
echo "helm: $passed passed, $failed failed"
[ "$failed" = 0 ]
