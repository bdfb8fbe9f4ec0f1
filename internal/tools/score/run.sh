#!/usr/bin/env bash
# Runs the labelled captures' own ruler over the sensor and holds its totals against thresholds.json.
# usage: run.sh [-update] SENSOR CAPTURES; -update writes the table into sensor/README.md
set -euo pipefail
update=
if [ "$1" = -update ]; then update=1; shift; fi
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
if [ -n "$update" ]; then
  table=$(grep -v '^miss ' "$work/misses.txt")
  readme=$here/../../../sensor/README.md
  awk -v table="$table" -v today="$(date +%F)" '
    /<!-- score: begin/ { print; print "Measured on " today ".\n\n```\n" table "\n```"; skip = 1 }
    /<!-- score: end/ { skip = 0 }
    !skip { print }' "$readme" > "$work/readme" && cp "$work/readme" "$readme"
fi
