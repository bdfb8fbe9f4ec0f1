#!/usr/bin/env bash
# Generates into a scratch folder and compares with what is committed: a difference either way is an error.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$BUF" generate --output "$scratch"
generated() { (cd "$1" && find proto hub/api -name '*.pb.go' -o -name '*.pb.gw.go' -o -path hub/api/openapi.yaml) | sort; }
stale=0
while read -r file; do
  if ! cmp -s "$file" "$scratch/$file"; then
    echo "not as generated: $file" >&2
    stale=1
  fi
done < <({ generated .; generated "$scratch"; } | sort -u)
if [ "$stale" != 0 ]; then
  echo "run make gen and commit what it changes" >&2
  exit 1
fi
echo "generated code is fresh"
