#!/usr/bin/env bash
# Runs the labelled captures' own ruler over the sensor and holds its totals against thresholds.json.
# usage: run.sh SENSOR CAPTURES
set -euo pipefail
sensor=$1 captures=$2
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -e "$captures/score.py" ]; then
  echo "score: skipped, the labelled captures ($captures) are absent"
  exit 0
fi
result=$(mktemp)
trap 'rm -f "$result"' EXIT
python3 "$captures/score.py" --sensor "$sensor" --json "$result"
node "$here/enforce.mjs" "$result" "$here/thresholds.json"
