#!/usr/bin/env bash
# Looks for new inputs with every fuzz target of the four modules, and records each run in sensor/dissect/fuzz.tsv.
# A target that was run at least as long on the same state of its folder is passed over, so the runner can be stopped
# and started again. Inputs that reached new code are kept below $WARDSCOPE_CACHE/fuzz; what fails is written into the
# package's testdata/fuzz by Go itself, to be committed with the repair.
# usage: run.sh [-force] [PATH-PREFIX…]   (prefixes of package folders, e.g. sensor/dissect/tls)
#   FUZZTIME  time a target; unset: 2m, and 10m for protocols over TCP and those of healthcare
#   FUZZPROCS processes a target (default: all processors)
set -uo pipefail
top=$(cd "$(dirname "$0")/../../.." && pwd)
cd "$top" || exit 2
force=
if [ "${1:-}" = -force ]; then force=1; shift; fi
record=sensor/dissect/fuzz.tsv
corpus=${WARDSCOPE_CACHE:?}/fuzz
healthcare=" dicom hl7 astm poct1a intellivue ieee11073 wsdiscovery carescape "

seconds() { # 90s, 2m, 1h
  case $1 in *h) echo $((${1%h} * 3600)) ;; *m) echo $((${1%m} * 60)) ;; *) echo "${1%s}" ;; esac
}

# What a run was made on: the folder's files without what fuzzing itself and goldens add.
state() {
  find "$1" -maxdepth 1 -name '*.go' -print0 | sort -z | xargs -0 cat | sha256sum | cut -c1-12
}

failed=0
for dir in $(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}' work); do
  package=${dir#"$top"/}
  wanted=
  for prefix in "${@:-}"; do [[ $package == "$prefix"* ]] && wanted=1; done
  [ -n "$wanted" ] || continue
  for target in $(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go 2>/dev/null | sed 's/^func //'); do
    time=${FUZZTIME:-2m}
    if [ -z "${FUZZTIME:-}" ] && { grep -q 'Transport: dissect.TCP' "$dir"/*.go || [[ $healthcare == *" ${package##*/} "* ]]; }; then time=10m; fi
    length=$(seconds "$time")
    now=$(state "$dir")
    if [ -z "$force" ] && awk -F'\t' -v p="$package" -v t="$target" -v s="$now" -v n="$length" \
      '$1 == p && $2 == t && $3 == s && $4 >= n && $7 == "clean" { found = 1 } END { exit !found }' "$record" 2>/dev/null; then
      continue
    fi
    echo "$target in $package for $time"
    kept=$corpus/$package
    mkdir -p "$kept"
    output=$(go test -run '^$' -fuzz "^$target\$" -fuzztime "${length}s" -fuzzminimizetime 2s -parallel "${FUZZPROCS:-$(nproc)}" "$dir" -args -test.fuzzcachedir="$kept" 2>&1)
    result=clean
    if ! grep -q '^ok ' <<<"$output"; then result=failed; failed=1; tail -30 <<<"$output"; fi
    executions=$(grep -oE 'execs: [0-9]+' <<<"$output" | tail -1 | cut -d' ' -f2)
    [ -n "$executions" ] || { echo "$target in $package did not run"; continue; }
    ( flock 9 # several runners may share the record
      { printf 'package\ttarget\tstate\tseconds\texecutions\tdate\tresult\n'
        { awk -F'\t' -v p="$package" -v t="$target" 'NR > 1 && !($1 == p && $2 == t)' "$record" 2>/dev/null
          printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$package" "$target" "$now" "$length" "$executions" "$(date +%F)" "$result"
        } | sort
      } > "$record.new" && mv "$record.new" "$record"
    ) 9> "$corpus/record.lock"
  done
done
exit $failed
