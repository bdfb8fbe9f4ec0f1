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
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$captures/score.py" --sensor "$sensor" --json "$work/result.json" --misses >"$work/misses.txt"
grep -v '^miss ' "$work/misses.txt"
node "$here/enforce.mjs" "$work/result.json" "$work/misses.txt" "$here/thresholds.json" "$here/proven.tsv"
